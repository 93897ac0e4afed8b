import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { objectStore, openStore, type OpenStore, type ProcessContext, type ProcessOutcome } from 'signalbox/sdk'

type Params = { path: string, store_dataframes_remotely?: boolean, remote_storage: string }
type Counts = Map<string, number>

const COLUMNS = ['document_language', 'political_body', 'document_type']
const [BAR, WIDTH] = [18, 400]

/** A page with charts of the file that the event names, in the folder of the job. A second run writes the same page again. */
export async function run (context: ProcessContext<Params>): Promise<ProcessOutcome> {
  const { params: { path, store_dataframes_remotely: isRemote }, processName, jobId, store, signal } = context
  const folder = await mkdtemp(join(tmpdir(), 'statistics-'))
  const remote = isRemote === true ? await openRemote(context) : undefined
  try {
    const file = join(folder, 'documents.parquet')
    await pipeline((remote ?? store).read(path), createWriteStream(file), { signal })
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), columns: COLUMNS })
    const counts = new Map(COLUMNS.map((column) => [column, countBy(rows, column)]))
    const report = `jobs/${processName}/${jobId}/statistics.html`
    await store.write(report, Readable.from([toPage(path, counts)]), signal)
    return { output: { report, rows: rows.length, languages: Object.fromEntries(counts.get('document_language') ?? []) } }
  } finally {
    remote?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The address of the block may be that of the folder `dataframes` itself, which the path has, too. */
async function openRemote ({ block, params }: ProcessContext<Params>): Promise<OpenStore> {
  const { url, ...access } = await block(objectStore, params.remote_storage)
  return openStore({ url: url.replace(/(?<=[^/:])\/dataframes\/?$/, ''), ...access })
}

function countBy (rows: Array<Record<string, unknown>>, column: string): Counts {
  const counts: Counts = new Map()
  for (const row of rows) {
    const value = String(row[column] ?? 'none')
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return new Map([...counts].sort(([, one], [, other]) => other - one))
}

const toPage = (path: string, counts: Map<string, Counts>): string =>
  `<!doctype html><meta charset="utf-8"><title>${escape(path)}</title><h1>${escape(path)}</h1>${[...counts].map(([column, values]) => `<h2>${escape(column)}</h2>${toChart(values)}`).join('')}`

function toChart (counts: Counts): string {
  const most = Math.max(1, ...counts.values())
  const bars = [...counts].map(([value, count], i) => {
    const top = i * (BAR + 4)
    return `<text x="0" y="${top + 13}">${escape(value)}</text><rect x="140" y="${top}" width="${Math.round(count / most * WIDTH)}" height="${BAR}" fill="#468"/><text x="${150 + Math.round(count / most * WIDTH)}" y="${top + 13}">${count}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="${counts.size * (BAR + 4)}" font-family="sans-serif" font-size="13">${bars.join('')}</svg>`
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
