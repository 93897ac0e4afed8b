import { Type, type Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { createDocuments } from '../documents/change.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'

/** What one job may list; it may write more. */
const MOST = 1000

const FileSchema = Type.Object({ name: Type.String(), size: Type.Number(), sha256: Type.String() })
const JobFilesSchema = Type.Object({ v: Type.Literal(1), files: Type.Array(FileSchema), unlisted: Type.Integer() })

/**
 * The files of a job, over all its attempts, in the order in which they were last written.
 * `unlisted`: how many more there were.
 */
export type JobFiles = Pick<Static<typeof JobFilesSchema>, 'files' | 'unlisted'>

const documents = (ledger: Pick<Ledger, 'get' | 'commit'>) => createDocuments(ledger, JobFilesSchema, 'list of files')
const filesDoc = (jobId: string): string => `files:${jobId}`

/** Puts what an attempt has written to what the attempts before it had. Harmless when repeated. */
export async function keepFiles (
  ledger: Pick<Ledger, 'get' | 'commit'>,
  jobId: string,
  written: WrittenFile[]
): Promise<void> {
  const names = new Set(written.map(({ name }) => name))
  await documents(ledger).change(filesDoc(jobId), (before) => {
    const files = [...(before?.files ?? []).filter(({ name }) => !names.has(name)), ...written]
    return { v: 1, files: files.slice(0, MOST), unlisted: (before?.unlisted ?? 0) + Math.max(0, files.length - MOST) }
  })
}

export async function readFiles (ledger: Pick<Ledger, 'get' | 'commit'>, jobId: string): Promise<JobFiles> {
  const [found] = await documents(ledger).read([filesDoc(jobId)])
  return found ?? { files: [], unlisted: 0 }
}

/** With its job; the files themselves stay. */
export async function forgetFiles (ledger: Pick<Ledger, 'get' | 'commit'>, jobId: string): Promise<void> {
  await documents(ledger).change(filesDoc(jobId), () => undefined)
}
