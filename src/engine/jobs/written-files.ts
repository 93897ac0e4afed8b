import { changeNote } from '../../queues/notes.ts'
import type { Queues } from '../../queues/contract.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'

type Notes = Pick<Queues, 'readNotes' | 'writeNote'>

/** What one job may list; it may write more. */
const MOST = 1000

/** The files of a job, over all its attempts, in the order in which they were last written. `unlisted`: how many more there were. */
export type JobFiles = { files: WrittenFile[], unlisted: number }

const noteOf = (jobId: string): string => `files:${jobId}`

/** Puts what an attempt has written to what the attempts before it had. Harmless when repeated. */
export async function keepFiles (queues: Notes, jobId: string, written: WrittenFile[], ttlMs: number): Promise<void> {
  const names = new Set(written.map(({ name }) => name))
  await changeNote<JobFiles>(queues, noteOf(jobId), (before) => {
    const files = [...(before?.files ?? []).filter(({ name }) => !names.has(name)), ...written]
    return { files: files.slice(0, MOST), unlisted: (before?.unlisted ?? 0) + Math.max(0, files.length - MOST) }
  }, () => ttlMs)
}

export async function readFiles (queues: Notes, jobId: string): Promise<JobFiles> {
  const [note] = await queues.readNotes<JobFiles>([noteOf(jobId)])
  return note?.value ?? { files: [], unlisted: 0 }
}

/** With its job; the files themselves stay. */
export async function forgetFiles (queues: Notes, jobId: string): Promise<void> {
  for (;;) {
    const [note] = await queues.readNotes<JobFiles>([noteOf(jobId)])
    if (note === undefined || await queues.writeNote(noteOf(jobId), note, undefined, 0)) return
  }
}
