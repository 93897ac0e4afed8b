import type { ProcessContext } from '../../sdk/process.ts'
import type { DumpedFile } from './publish.ts'

/** Shows what a dump came to: its counts, and its files with the records of each. */
export function showDump (
  { artefact }: Pick<ProcessContext, 'artefact'>,
  counts: Record<string, number>,
  files: DumpedFile[]
): void {
  artefact({ name: 'counts', table: Object.entries(counts).map(([what, count]) => ({ what, count })) })
  artefact({ name: 'files', table: files.map(({ name, records, bytes }) => ({ file: name, records, bytes })) })
}
