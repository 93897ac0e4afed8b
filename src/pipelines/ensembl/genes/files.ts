import { join } from 'node:path'
import { openGzipFile } from '../sequence/gzip-file.ts'
import type { StagedFile } from '../publish.ts'

/** What a file holds, in the words of its name. */
export type Level = 'pep.all' | 'pep.abinitio' | 'cds.all' | 'cdna.all' | 'cdna.abinitio' | 'ncrna'

/** The folders of the gene dumps and what is in them. */
export const levelsOf = {
  pep: ['pep.all', 'pep.abinitio'],
  cds: ['cds.all'],
  cdna: ['cdna.all', 'cdna.abinitio'],
  ncrna: ['ncrna']
} as const satisfies Record<string, readonly Level[]>

export type GeneDump = keyof typeof levelsOf

export const geneDumps = Object.keys(levelsOf) as GeneDump[]

/** As small as bgzip makes them; the default level takes twelve times the time and makes files a tenth smaller. */
const nucleotides = { level: 2 }
/** As small as at the default level. */
const peptides = { level: 4 }

/** The files of a gene dump while they are written, in the temporary folder. */
export interface GeneFiles {
  write: (level: Level, record: Uint8Array) => Promise<void> | undefined
  /** Resolves when all files are whole. */
  close: () => Promise<void>
  /** Of a dump without its predictions; of all files where none is named. */
  records: (dump?: GeneDump) => number
  /** The files of one folder; a level without records has none. */
  staged: (dump: GeneDump, stem: string) => StagedFile[]
}

export function openGeneFiles (folder: string, signal: AbortSignal): GeneFiles {
  const files = new Map<Level, { path: string, file: ReturnType<typeof openGzipFile>, records: number }>()
  const open = (level: Level) => {
    const path = join(folder, level)
    const compression = level.startsWith('pep.') ? peptides : nucleotides
    const opened = { path, file: openGzipFile(path, signal, compression), records: 0 }
    files.set(level, opened)
    return opened
  }
  return {
    write: (level, record) => {
      const output = files.get(level) ?? open(level)
      output.records++
      return output.file.write(record)
    },
    close: async () => { await Promise.all([...files.values()].map(async ({ file }) => await file.close())) },
    records: (dump) => dump === undefined
      ? [...files.values()].reduce((sum, { records }) => sum + records, 0)
      : files.get(levelsOf[dump][0])?.records ?? 0,
    staged: (dump, stem) => levelsOf[dump].flatMap((level: Level) => {
      const output = files.get(level)
      return output === undefined
        ? []
        : [{ name: `${stem}.${level}.fa.gz`, parts: [output.path], records: output.records }]
    })
  }
}
