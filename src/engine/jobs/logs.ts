import { Type } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { createReader, revOf } from '../documents/read.ts'

/** Line `i` of a log stands in chunk `i / CHUNK`. */
const CHUNK = 100
/** Of a log so many chunks are kept, the last ones. */
const MOST_CHUNKS = 100
const MAX_LINE = 32_768
/** Lines of one unit. */
const PIECE = 1000

type Reads = Pick<Ledger, 'get'>
type Writes = Pick<Ledger, 'get' | 'commit'>

/** `total`: lines that were ever written; `first`: the first chunk that is kept. */
const HeaderSchema = Type.Object({ v: Type.Literal(1), total: Type.Integer(), first: Type.Integer() })
const readHeader = createReader(HeaderSchema, 'head of a log')
const readChunk = createReader(Type.Object({ v: Type.Literal(1), lines: Type.Array(Type.String()) }), 'piece of a log')

const headerDoc = (job: string): string => `log:${job}`
const chunkDoc = (job: string, chunk: number): string => `log:${job}:${chunk}`
const chunkDocs = (job: string, from: number, to: number): string[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => chunkDoc(job, from + i))

/**
 * Lines `start` and on of all that were ever written; `start` is later than was asked for where
 * those before are no longer kept.
 */
export type LogPage = { lines: string[], start: number, total: number }

/** In the order in which they come; one job is written by one worker at a time. */
export async function appendLog (ledger: Writes, job: string, lines: string[]): Promise<void> {
  const kept = lines.map(toLine)
  for (let i = 0; i < kept.length; i += PIECE) while (!await append(ledger, job, kept.slice(i, i + PIECE)));
}

async function append (ledger: Writes, job: string, lines: string[]): Promise<boolean> {
  const [head] = await ledger.get([headerDoc(job)])
  const { total, first } = readHeader(head)?.value ?? { total: 0, first: 0 }
  const begin = Math.floor(total / CHUNK)
  const end = Math.ceil((total + lines.length) / CHUNK)
  const keptFrom = Math.max(first, end - MOST_CHUNKS)
  const written = chunkDocs(job, begin, end)
  const cut = chunkDocs(job, first, Math.min(keptFrom, begin))
  const found = await ledger.get([...written, ...cut])
  const all = [...total % CHUNK === 0 ? [] : readChunk(found[0])?.value.lines ?? [], ...lines]
  const expected = [...written, ...cut].map((doc, i) => ({ doc, rev: revOf(found[i]) }))
  const { ok } = await ledger.commit({
    expect: [{ doc: headerDoc(job), rev: revOf(head) }, ...expected],
    put: [
      { doc: headerDoc(job), value: { v: 1, total: total + lines.length, first: keptFrom } },
      ...written.map((doc, i) => ({ doc, value: { v: 1, lines: all.slice(i * CHUNK, (i + 1) * CHUNK) } }))
    ],
    remove: cut
  })
  return ok
}

/** `start` below 0: so many lines before the end. */
export async function readLog (ledger: Reads, job: string, start: number, limit: number): Promise<LogPage> {
  const [head] = await ledger.get([headerDoc(job)])
  const { total, first } = readHeader(head)?.value ?? { total: 0, first: 0 }
  const asked = start < 0 ? total + start : start
  const from = Math.min(Math.max(asked, first * CHUNK), total)
  const begin = Math.floor(from / CHUNK)
  const found = await ledger.get(chunkDocs(job, begin, Math.ceil(Math.min(from + limit, total) / CHUNK)))
  const lines = found.flatMap((chunk) => readChunk(chunk)?.value.lines ?? [])
  return { lines: lines.slice(from - begin * CHUNK, from - begin * CHUNK + limit), start: from, total }
}

/** With its job. */
export async function forgetLog (ledger: Writes, job: string): Promise<void> {
  for (;;) {
    const [head] = await ledger.get([headerDoc(job)])
    const header = readHeader(head)?.value
    if (header === undefined) return
    const chunks = chunkDocs(job, header.first, Math.ceil(header.total / CHUNK))
    const found = await ledger.get(chunks)
    const docs = [headerDoc(job), ...chunks]
    const expect = [revOf(head), ...found.map(revOf)].map((rev, i) => ({ doc: docs[i] ?? '', rev }))
    if ((await ledger.commit({ expect, remove: docs })).ok) return
  }
}

/** PostgreSQL keeps no U+0000 and no lone surrogates. */
function toLine (line: string): string {
  const fit = line.replaceAll('\0', '\ufffd').toWellFormed()
  return fit.length > MAX_LINE ? `${fit.slice(0, MAX_LINE).toWellFormed()}… (${fit.length} characters)` : fit
}
