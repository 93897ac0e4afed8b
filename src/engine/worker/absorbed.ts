import type { Entered, Ledger } from '../../ledger/contract.ts'
import type { Trigger } from '../../sdk/process.ts'
import { readEvents } from '../dispatch/facts.ts'
import { eventOfJob, readAbsorbedMember, sets } from '../documents/names.ts'

type Reads = Pick<Ledger, 'get' | 'list'>

/** An event may have a megabyte: a page of them is held in memory. */
const PAGE = 50
/** What of it goes to a run unasked. */
const FIRST = 1000
const FIRST_BYTES = 1_000_000

/** The triggers that a job has absorbed, oldest first, by pages. An event that is no longer kept is told to `log`. */
export async function * readAbsorbed (
  ledger: Reads,
  job: string,
  log: (line: string) => void
): AsyncGenerator<Trigger[]> {
  let after: Entered | undefined
  do {
    const page = await ledger.list(sets.absorbed(job), { after, limit: PAGE })
    const jobs = page.map(([, member]) => readAbsorbedMember(member).job)
    const events = await readEvents(ledger, jobs.map(eventOfJob))
    yield jobs.flatMap((absorbed, i) => {
      const event = events[i]?.value.event
      if (event !== undefined) return [{ event, job: absorbed }]
      log(`the event of the absorbed job ${absorbed} is no longer kept`)
      return []
    })
    after = page.length < PAGE ? undefined : page.at(-1)
  } while (after !== undefined)
}

/** The first of them, bounded in number and in bytes of JSON. */
export async function firstAbsorbed (pages: AsyncIterable<Trigger[]>): Promise<Trigger[]> {
  const first: Trigger[] = []
  let bytes = 0
  for await (const page of pages) {
    for (const trigger of page) {
      bytes += JSON.stringify(trigger).length
      if (first.length === FIRST || bytes > FIRST_BYTES) return first
      first.push(trigger)
    }
  }
  return first
}
