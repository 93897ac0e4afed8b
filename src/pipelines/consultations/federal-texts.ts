import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { concurrently } from '../../base/limit.ts'
import { errors } from '../../base/errors.ts'
import type { ConsultationDocument } from './join.ts'
import { BrokenPdf, openPdfReader, type PdfLimits } from './pdf-reader.ts'
import { percentOf } from './percent.ts'
import { STORED_FILE_PATH } from './row.ts'
import type { TextFile, TextPlace } from './text-file.ts'

const PDF = 'application/pdf'
const IS_PATH = new RegExp(STORED_FILE_PATH)

/** `missing` and `broken` are files that were asked for. */
export type FederalCounts = { bootstrapped: number, extracted: number, without_file: number, other_type: number, missing: number, broken: number }

export type FederalOptions = {
  /** Texts of an earlier run by document_uuid. */
  bootstrap: ReadonlyMap<string, TextPlace>
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

/**
 * Gives the documents that fedlex gave a text: that of an earlier run, or that of their PDF. A file that is missing or
 * broken costs its own text and nothing else.
 *
 * @throws FINAL where one of them has a text already: the API gives those of cantons only
 */
export async function addFederalTexts (documents: ConsultationDocument[], options: FederalOptions): Promise<FederalCounts> {
  const { bootstrap, texts, parallel, limits, signal, log, onRow } = options
  const federal = documents.filter(({ document_source: source }) => source === 'fedlex')
  const early = federal.filter(({ text }) => text !== undefined)
  if (early.length > 0) throw errors.final(`federal texts: ${early.length} fedlex documents have a content from the API, where none is expected: ${early.slice(0, 5).map(({ document_uuid: uuid }) => uuid).join(', ')}`)

  for (const document of federal) {
    document.text = bootstrap.get(document.document_uuid)
    document.lack = document.stored_file_path === null ? 'no stored file' : `a file of type ${document.stored_file_mime_type}`
  }
  const open = federal.filter(({ text }) => text === undefined)
  const withFile = open.filter(({ stored_file_path: path }) => path !== null)
  const pdfs = withFile.filter(({ stored_file_mime_type: type }) => type === PDF)
  const counts: FederalCounts = { bootstrapped: federal.length - open.length, extracted: 0, without_file: open.length - withFile.length, other_type: withFile.length - pdfs.length, missing: 0, broken: 0 }
  log(`federal texts: ${percentOf(counts.bootstrapped, federal.length, 'documents')} from an earlier run, ${counts.without_file} without a stored file`)
  for (const [type, count] of countTypes(withFile)) if (type !== PDF) log(`federal texts: ${count} of type ${type} are not read`)

  const reader = openPdfReader(limits)
  let done = 0
  try {
    await concurrently(pdfs.entries(), parallel, async ([index, document]) => {
      signal.throwIfAborted()
      try {
        document.text = await texts.append(await extract(document, join(options.temporaryFolder, `${index}.pdf`), options, reader.read))
        counts.extracted++
      } catch (error) {
        if (!(error instanceof BrokenPdf || error instanceof MissingFile)) throw error
        counts[error instanceof BrokenPdf ? 'broken' : 'missing']++
        document.lack = `${error instanceof BrokenPdf ? 'broken PDF' : 'missing PDF'}: ${error.message}`
        log(`federal texts: ${document.document_uuid}: ${document.stored_file_path}: ${document.lack}`)
      }
      onRow(++done, pdfs.length)
    })
  } finally {
    await reader.close()
  }
  log(`federal texts: ${percentOf(counts.extracted, pdfs.length, 'PDFs')} extracted, ${counts.missing} missing, ${counts.broken} broken`)
  return counts
}

/** A file that the platform names and does not have. */
export class MissingFile extends Error { override name = 'MissingFile' }

async function extract ({ stored_file_path: path }: ConsultationDocument, temporary: string, { readFile, limits, signal }: FederalOptions, readPdf: (path: string, signal: AbortSignal) => Promise<string>): Promise<string> {
  if (path === null || !IS_PATH.test(path)) throw new MissingFile('this is no path of the platform storage')
  try {
    await pipeline(bounded(readFile(path), limits.maxBytes), createWriteStream(temporary, { flags: 'wx' }), { signal })
    return await readPdf(temporary, signal)
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
