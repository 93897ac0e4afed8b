import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import { PAUSES_TOPIC, pausedNames } from '../gates/paused.ts'

/** A message can be lost; the document cannot. */
const READ_MS = 2000

/** What workers ask before every job: kept at hand, and read again when somebody says so, and every few seconds. */
export interface Pauses {
  has: (processName: string) => boolean
  close: () => void
}

export async function watchPauses (
  ledger: Pick<Ledger, 'get'>,
  work: Pick<Work, 'subscribe'>,
  onError: (error: Error) => void
): Promise<Pauses> {
  let names = new Set(await pausedNames(ledger))
  const read = (): void => {
    pausedNames(ledger).then((found) => {
      names = new Set(found)
    }, onError)
  }
  await work.subscribe(PAUSES_TOPIC, read)
  const timer = setInterval(read, READ_MS)
  return {
    has: (name) => names.has(name),
    close: () => {
      clearInterval(timer)
    }
  }
}
