import type { Queues } from '../../queues/contract.ts'

const NAME = 'paused-processes'
const FOR_EVER_MS = 100 * 365 * 24 * 3_600_000
/** A message can be lost; the note cannot. */
const READ_MS = 2000
const TOPIC = 'pauses'

type Paused = { names: string[] }

/** The processes that are paused, whatever queue they share. */
export async function pausedProcesses (queues: Pick<Queues, 'readNotes'>): Promise<string[]> {
  const [note] = await queues.readNotes<Paused>([NAME])
  return note?.value.names ?? []
}

export const isProcessPaused = async (queues: Pick<Queues, 'readNotes'>, name: string): Promise<boolean> => (await pausedProcesses(queues)).includes(name)

/** Pauses or resumes a process everywhere. What runs goes on; harmless when repeated. */
export async function setPaused (queues: Pick<Queues, 'readNotes' | 'writeNote' | 'publish'>, name: string, paused: boolean): Promise<void> {
  for (;;) {
    const [note] = await queues.readNotes<Paused>([NAME])
    const names = (note?.value.names ?? []).filter((one) => one !== name)
    if (await queues.writeNote(NAME, note, { names: paused ? [...names, name] : names }, FOR_EVER_MS)) break
  }
  await queues.publish(TOPIC, {})
}

/** What workers ask before every job: kept at hand, and read again when somebody says so, and every few seconds. */
export interface Pauses {
  has: (processName: string) => boolean
  close: () => void
}

export async function watchPauses (queues: Pick<Queues, 'readNotes' | 'subscribe'>, onError: (error: Error) => void): Promise<Pauses> {
  let names = new Set(await pausedProcesses(queues))
  const read = (): void => { pausedProcesses(queues).then((found) => { names = new Set(found) }, onError) }
  await queues.subscribe(TOPIC, read)
  const timer = setInterval(read, READ_MS)
  return { has: (name) => names.has(name), close: () => { clearInterval(timer) } }
}
