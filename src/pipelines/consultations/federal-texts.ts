import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { concurrently } from '../../base/limit.ts'
import { errors } from '../../base/errors.ts'
import type { EarlierText } from './bootstrap.ts'
import type { ConsultationDocument } from './join.ts'
import type { KeptTexts } from './kept-texts.ts'
import { BrokenPdf, openPdfReader, type PdfLimits, type PdfReader } from './pdf/reader.ts'
import { suspicionOf, type Suspicion } from './pdf/suspicion.ts'
import type { PdfText } from './pdf/text.ts'
import { percentOf } from './percent.ts'
import { STORED_FILE_PATH } from './row.ts'
import type { TextFile } from './text-file.ts'

const PDF = 'application/pdf'
const IS_PATH = new RegExp(STORED_FILE_PATH)
/** Named in an error; the rest is counted. */
const MAX_NAMED = 5

/** `missing` and `broken` are files that were asked for; `resumed` were read by an earlier attempt of this job. */
export type FederalCounts = {
  bootstrapped: number
  extracted: number
  resumed: number
  without_file: number
  other_type: number
  missing: number
  broken: number
  suspicious: Record<Suspicion, number>
}

/** A text that is hardly that of its document, for the table of them. */
export type SuspiciousText = {
  document_uuid: string
  stored_file_path: string | null
  suspicion: Suspicion
  pages: number
  characters_per_page: number[]
  unknown_characters: number
}

/** `toReadAnew` are the documents whose text, new or of before, is suspicious: the next run reads them again. */
export type FederalTexts = { counts: FederalCounts, suspicious: SuspiciousText[], toReadAnew: string[] }

export type FederalOptions = {
  /** Texts of an earlier run by document_uuid. */
  bootstrap: ReadonlyMap<string, EarlierText>
  /** Texts that an earlier attempt of this run has read. */
  kept: Pick<KeptTexts, 'find' | 'keep'>
  /** Reads a file of the platform; rejects with MissingFile where there is none. */
  readFile: (path: string) => AsyncIterable<Uint8Array>
  texts: TextFile
  temporaryFolder: string
  parallel: number
  limits: PdfLimits & { maxBytes: number }
  signal: AbortSignal
  log: (line: string) => void
  onRow: (done: number, total: number) => void
}

type State = { options: FederalOptions, reader: PdfReader, counts: FederalCounts, suspicious: SuspiciousText[] }

/**
 * Gives the documents that fedlex gave a text: that of an earlier run, or that of their PDF. A file that is missing or
 * broken costs its own text and nothing else. A suspicious text of an earlier run is read anew and stands in where that
 * fails.
 *
 * @throws FINAL where one of them has a text already: the API gives those of cantons only
 */
export async function addFederalTexts (
  documents: ConsultationDocument[],
  options: FederalOptions
): Promise<FederalTexts> {
  const { parallel, limits, signal, log, onRow } = options
  const federal = documents.filter(({ document_source: source }) => source === 'fedlex')
  refuseEarlyTexts(federal)
  const { pdfs, counts } = sortOut(federal, options)
  const state: State = { options, counts, suspicious: [], reader: openPdfReader(limits) }
  let done = 0
  try {
    await concurrently(pdfs.entries(), parallel, async ([index, document]) => {
      signal.throwIfAborted()
      await addText(state, document, join(options.temporaryFolder, `${index}.pdf`))
      onRow(++done, pdfs.length)
    })
  } finally {
    await state.reader.close()
  }
  log(
    `federal texts: ${percentOf(counts.extracted, pdfs.length, 'PDFs')} extracted, ${counts.missing} missing, ${counts.broken} broken`
  )
  if (counts.resumed > 0) {
    log(`federal texts: ${percentOf(counts.resumed, pdfs.length, 'PDFs')} were read by an earlier attempt`)
  }
  const { empty, short, unmappable } = counts.suspicious
  if (state.suspicious.length > 0) {
    log(
      `warning: federal texts: ${state.suspicious.length} are suspicious: ${empty} empty, ${short} short for their pages, ${unmappable} mostly unmappable`
    )
  }
  return {
    counts,
    suspicious: state.suspicious,
    toReadAnew: [...state.suspicious.map(({ document_uuid: uuid }) => uuid), ...stillEarlier(federal, options)]
  }
}

/** Documents with a suspicious text of an earlier run that could not be read again. */
function stillEarlier (federal: ConsultationDocument[], { bootstrap }: FederalOptions): string[] {
  const isStill = ({ document_uuid: uuid, text }: ConsultationDocument): boolean =>
    bootstrap.get(uuid)?.isSuspicious === true && bootstrap.get(uuid)?.place === text
  return federal.filter(isStill).map(({ document_uuid: uuid }) => uuid)
}

/** A file that the platform names and does not have. */
export class MissingFile extends Error { override name = 'MissingFile' }

function refuseEarlyTexts (federal: ConsultationDocument[]): void {
  const early = federal.filter(({ text }) => text !== undefined).map(({ document_uuid: uuid }) => uuid)
  if (early.length === 0) return
  throw errors.final(`federal texts: ${early.length} fedlex documents have a content from the API, where none is expected: ${early.slice(0, MAX_NAMED).join(', ')}`)
}

/** Gives the documents their earlier texts, and answers those whose PDF is to be read. */
function sortOut (
  federal: ConsultationDocument[],
  { bootstrap, log }: FederalOptions
): { pdfs: ConsultationDocument[], counts: FederalCounts } {
  for (const document of federal) {
    document.text = bootstrap.get(document.document_uuid)?.place
    document.lack =
      document.stored_file_path === null ? 'no stored file' : `a file of type ${document.stored_file_mime_type}`
  }
  const open = federal.filter(({ document_uuid: uuid }) => bootstrap.get(uuid)?.isSuspicious !== false)
  const withFile = open.filter(({ stored_file_path: path }) => path !== null)
  const pdfs = withFile.filter(({ stored_file_mime_type: type }) => type === PDF)
  const bootstrapped = federal.length - open.length
  log(
    `federal texts: ${percentOf(bootstrapped, federal.length, 'documents')} from an earlier run, ${open.length - withFile.length} without a stored file`
  )
  for (const [type, count] of countTypes(withFile)) {
    if (type !== PDF) {
      log(`federal texts: ${count} of type ${type} are not read`)
    }
  }
  const counts = {
    bootstrapped,
    extracted: 0,
    resumed: 0,
    without_file: open.length - withFile.length,
    other_type: withFile.length - pdfs.length,
    missing: 0,
    broken: 0,
    suspicious: { empty: 0, short: 0, unmappable: 0 }
  }
  return { pdfs, counts }
}

async function addText (state: State, document: ConsultationDocument, temporary: string): Promise<void> {
  const { options: { kept, texts, signal, log }, counts } = state
  try {
    const found = await kept.find(document)
    const read = found ?? await extract(state, document, temporary)
    if (found === undefined) await kept.keep(document, read, signal)
    counts[found === undefined ? 'extracted' : 'resumed']++
    document.text = await texts.append(read.text)
    note(state, document, read)
  } catch (error) {
    if (!(error instanceof BrokenPdf || error instanceof MissingFile)) throw error
    const kind = error instanceof BrokenPdf ? 'broken' : 'missing'
    counts[kind]++
    document.lack = `${kind} PDF: ${error.message}`
    log(`federal texts: ${document.document_uuid}: ${document.stored_file_path}: ${document.lack}${document.text === undefined ? '' : '; the text of the earlier run stays'}`)
  }
}

function note (
  { counts, suspicious }: State,
  { document_uuid: uuid, stored_file_path: path }: ConsultationDocument,
  read: PdfText
): void {
  const suspicion = suspicionOf(read)
  if (suspicion === undefined) return
  counts.suspicious[suspicion]++
  suspicious.push({
    document_uuid: uuid,
    stored_file_path: path,
    suspicion,
    pages: read.pages.length,
    characters_per_page: read.pages,
    unknown_characters: read.unknown
  })
}

async function extract (
  { options, reader }: State,
  { stored_file_path: path }: ConsultationDocument,
  temporary: string
): Promise<PdfText> {
  const { readFile, limits, signal } = options
  if (path === null || !IS_PATH.test(path)) throw new MissingFile('this is no path of the platform storage')
  try {
    await pipeline(bounded(readFile(path), limits.maxBytes), createWriteStream(temporary, { flags: 'wx' }), {
      signal
    })
    return await reader.read(temporary, signal)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function * bounded (chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new BrokenPdf(`it has more than ${maxBytes} bytes`)
    yield chunk
  }
}

function countTypes (documents: ConsultationDocument[]): Map<string | null, number> {
  const counts = new Map<string | null, number>()
  for (const { stored_file_mime_type: type } of documents) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}
