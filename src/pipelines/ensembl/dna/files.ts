import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ahead } from '../../../base/limit.ts'
import { openBgzipFile } from '../sequence/bgzip-file.ts'
import type { BgzipFile } from '../sequence/bgzip-file.ts'
import { openFastaIndex } from '../sequence/faidx.ts'
import type { FastaIndex } from '../sequence/faidx.ts'
import { fastaColumns, fastaLines } from '../sequence/fasta.ts'
import { nucleotideCompression, openGzipFile } from '../sequence/gzip-file.ts'
import { dnaHeader } from '../sequence/headers.ts'
import type { DnaType } from '../sequence/headers.ts'
import { toHardMask, toUpperCase } from '../sequence/letters.ts'
import type { DnaRecord, DnaSource, Level } from './levels.ts'
import type { StagedFile } from '../publish.ts'

/** Beside each other for `dna/` and `dna_index/`. */
export type StagedDna = { files: StagedFile[], index: StagedFile[] }

export type Stage = {
  /** For the files as long as they are not whole. */
  folder: string
  /** What all their names begin with. */
  stem: string
  signal: AbortSignal
  wrote: (bases: number) => void
}

/** Soft-masked text as each type has it. */
const types: ReadonlyArray<readonly [DnaType, (text: Buffer) => Buffer]> = [
  ['dna', toUpperCase],
  ['dna_sm', (text) => text],
  ['dna_rm', toHardMask]
]
const pieceBases = fastaColumns * 8192
const piecesAhead = 3

/** What is read at once, for who keeps sequence in pieces. */
export const dnaPieceBases = pieceBases

/** Writes all files, toplevel and primary_assembly included, into the temporary folder. */
export async function stageDna<Record extends DnaRecord> (source: DnaSource<Record>, stage: Stage): Promise<StagedDna> {
  const { folder, stem, signal } = stage
  const path = join(folder, 'toplevel.bgz')
  const lines = openFastaIndex(`${path}.fai`, source)
  const bgzip = await openBgzipFile(path)
  const files: StagedFile[] = []
  let end: Buffer
  try {
    for (const [number, level] of source.levels.entries()) {
      files.push(...await stageLevel(source, level, { ...stage, number, bgzip, lines }))
    }
    signal.throwIfAborted()
    end = await bgzip.close()
  } catch (error) {
    await bgzip.abandon().catch(() => {})
    throw error
  }
  const records = source.levels.reduce((sum, { size }) => sum + size, 0)
  const name = `${stem}.dna.toplevel.fa.gz`
  await lines.close()
  await writeFile(`${path}.gzi`, end)
  return {
    files: [...files, ...combine(files, source.levels, stem)],
    index: ['', '.fai', '.gzi'].map((ending) => ({
      name: `${name}${ending}`,
      parts: [`${path}${ending}`],
      records: ending === '' ? records : 0
    }))
  }
}

type LevelStage = Stage & { number: number, bgzip: BgzipFile, lines: FastaIndex }

/** The three types and the index are compressed side by side: that is what takes the time. */
async function stageLevel<Record extends DnaRecord> (
  { read }: DnaSource<Record>,
  level: Level<Record>,
  { folder, number, stem, signal, wrote, bgzip, lines }: LevelStage
): Promise<StagedFile[]> {
  const outputs = types.map(([type, toText]) => {
    const path = join(folder, `${number}.${type}`)
    return { type, toText, path, file: openGzipFile(path, signal, nucleotideCompression) }
  })
  const pieces = ahead(piecesOf(level.records()), piecesAhead, async (piece) => ({
    ...piece,
    letters: await read(piece.record, piece.start, piece.end)
  }))
  for await (const { record, start, letters } of pieces) {
    signal.throwIfAborted()
    const text = fastaLines(letters)
    await Promise.all(outputs.map(async ({ type, toText, file }) => {
      const bytes = toText(text)
      if (start === 1) {
        const header = dnaHeader(type, record)
        await file.write(`>${header}\n`)
        if (type === 'dna') {
          await lines.add(header, record.length)
          await bgzip.write(`>${header}\n`)
        }
      }
      if (type === 'dna') await bgzip.write(bytes)
      await file.write(bytes)
    }))
    wrote(letters.length)
  }
  await Promise.all(outputs.map(({ file }) => file.close()))
  return outputs.map(({ type, path }) => ({
    name: `${stem}.${type}.${level.name}.fa.gz`,
    parts: [path],
    records: level.size
  }))
}

type Piece<Record> = { record: Record, start: number, end: number }

function * piecesOf<Record extends DnaRecord> (records: Iterable<Record>): Generator<Piece<Record>> {
  for (const record of records) {
    for (let start = 1; start <= record.length; start += pieceBases) {
      yield { record, start, end: Math.min(start + pieceBases - 1, record.length) }
    }
  }
}

/**
 * toplevel, and primary_assembly where there is an alt, are the members of the other files one after another (2.1).
 * primary_assembly goes by the names of the files, as upstream.
 */
function combine (files: StagedFile[], levels: Level[], stem: string): StagedFile[] {
  return types.flatMap(([type]) => {
    const ofType = files.filter(({ name }) => name.startsWith(`${stem}.${type}.`))
    const primary = ofType
      .filter(({ name }) => !name.endsWith('.alt.fa.gz'))
      .sort((one, other) => one.name < other.name ? -1 : 1)
    const combined = (name: string, members: StagedFile[]): StagedFile => ({
      name: `${stem}.${type}.${name}.fa.gz`,
      parts: members.flatMap(({ parts }) => parts),
      records: members.reduce((sum, { records }) => sum + records, 0)
    })
    return [
      combined('toplevel', ofType),
      ...levels.some(({ name }) => name === 'alt') && primary.length > 0 ? [combined('primary_assembly', primary)] : []
    ]
  })
}
