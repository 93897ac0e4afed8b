import { featureLines, featuresOf, organismOf } from './feature-table.ts'
import type { FlatGene, FlatHead, FlatRegion } from './model.ts'

/** Reads a region's letters from `start` to `end`. */
export type ReadLetters = (start: number, end: number) => Promise<Buffer>

/** The form wants a date. It is no real one, so that the same input gives the same bytes. */
const NO_DATE = '01-JAN-1980'

const PIECE = 60 * 2048

/** A region as a record of EMBL: its genes as a feature table, and its sequence. */
export async function * emblRecord (
  head: FlatHead,
  region: FlatRegion,
  genes: readonly FlatGene[],
  read: ReadLetters
): AsyncGenerator<string> {
  const { name, length, isCircular } = region
  const organism = organismOf(head.genome)
  yield `ID   ${name}; SV 1; ${isCircular ? 'circular' : 'linear'}; genomic DNA; STD; UNC; ${length} BP.\nXX\nAC   ${name};\nXX\n`
  yield `DE   ${organism} ${region.word} ${name}, assembly ${head.assembly}\nXX\nOS   ${organism}\nXX\n`
  yield 'FH   Key             Location/Qualifiers\nFH\n'
  for (const feature of featuresOf(head, region, genes)) {
    for (const line of featureLines(feature, 'FT   ', `FT${' '.repeat(19)}`)) {
      yield line
    }
  }
  const { a, c, g, t } = await countLetters(length, read)
  yield `XX\nSQ   Sequence ${length} BP; ${a} A; ${c} C; ${g} G; ${t} T; ${length - a - c - g - t} other;\n`
  for await (const { letters, start } of pieces(length, read)) {
    let text = ''
    for (let at = 0; at < letters.length; at += 60) {
      const line = letters.slice(at, at + 60)
      text += `     ${inTens(line).padEnd(66)}${String(start + at + line.length - 1).padStart(9)}\n`
    }
    yield text
  }
  yield '//\n'
}

/** The same as a record of GenBank. */
export async function * genbankRecord (
  head: FlatHead,
  region: FlatRegion,
  genes: readonly FlatGene[],
  read: ReadLetters
): AsyncGenerator<string> {
  const { name, length, isCircular } = region
  const organism = organismOf(head.genome)
  yield `LOCUS       ${name.padEnd(16)} ${String(length).padStart(11)} bp    DNA     ${(isCircular ? 'circular' : 'linear').padEnd(8)} UNK ${NO_DATE}\n`
  yield `DEFINITION  ${organism} ${region.word} ${name}, assembly ${head.assembly}.\nACCESSION   ${name}\nVERSION     ${name}\nKEYWORDS    .\n`
  yield `SOURCE      ${organism}\n  ORGANISM  ${organism}\n            Unclassified.\nFEATURES             Location/Qualifiers\n`
  for (const feature of featuresOf(head, region, genes)) {
    for (const line of featureLines(feature, '     ', ' '.repeat(21))) {
      yield line
    }
  }
  yield 'ORIGIN\n'
  for await (const { letters, start } of pieces(length, read)) {
    let text = ''
    for (let at = 0; at < letters.length; at += 60) {
      text += `${String(start + at).padStart(9)} ${inTens(letters.slice(at, at + 60))}\n`
    }
    yield text
  }
  yield '//\n'
}

const inTens = (letters: string): string => letters.replace(/.{10}(?=.)/g, '$& ')

async function * pieces (length: number, read: ReadLetters): AsyncGenerator<{ letters: string, start: number }> {
  for (let start = 1; start <= length; start += PIECE) {
    yield { letters: (await read(start, Math.min(start + PIECE - 1, length))).toString('latin1').toLowerCase(), start }
  }
}

async function countLetters (
  length: number,
  read: ReadLetters
): Promise<{ a: number, c: number, g: number, t: number }> {
  const counts = new Float64Array(256)
  for (let start = 1; start <= length; start += PIECE) {
    for (const letter of await read(start, Math.min(start + PIECE - 1, length))) counts[letter | 0x20]!++
  }
  const of = (letter: string): number => counts[letter.charCodeAt(0)]!
  return { a: of('a'), c: of('c'), g: of('g'), t: of('t') }
}
