import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { textPdf } from '../test/pipelines/consultations/pdf/fixtures/pdf.ts'
import { documentsOf, filesOf, contentsOf, pdfText, type Made } from './preprocess-rows.ts'
import type { PreprocessRun, PreprocessSummary } from './preprocess-run.ts'

const USAGE = 'npm run bench:preprocess -- [--documents 50000] [--pdfs 500] [--characters 18000] [--memory 1024]\n'

/** preprocess_consultation_documents over documents that are made up, in a process of its own: how long, how much memory, and where the time goes. */
async function main (made: Made, memoryMb: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const server = await startApi(made)
  try {
    for (const { path, uuid } of filesOf(made)) {
      mkdirSync(dirname(join(folder, 'platform', path)), { recursive: true })
      writeFileSync(join(folder, 'platform', path), textPdf(pdfText(uuid)))
    }
    const given: PreprocessRun = { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, platform: `file:${join(folder, 'platform')}`, store: `file:${join(folder, 'store')}` }
    for (const bootstrap of [false, true]) process.stdout.write(`${toLines(await run({ ...given, bootstrap }, memoryMb), made, bootstrap)}\n`)
  } finally {
    server.close()
    rmSync(folder, { recursive: true })
  }
}

/** Rows are made while they are sent: all of them at once would not fit. */
async function startApi (made: Made): Promise<Server> {
  const rows = { '/documents-metadata': documentsOf, '/documents-content': contentsOf, '/stored-files': filesOf }
  const server = createServer((request, response) => {
    function * body (): Generator<string> {
      let between = '['
      for (const row of rows[request.url as keyof typeof rows](made)) {
        yield `${between}${JSON.stringify(row)}`
        between = ','
      }
      yield ']'
    }
    Readable.from(body()).pipe(response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return server
}

async function run (given: PreprocessRun & { bootstrap: boolean }, memoryMb: number): Promise<PreprocessSummary> {
  const child = fork(join(import.meta.dirname, 'preprocess-run.js'), { execArgv: [`--max-old-space-size=${memoryMb}`] })
  return await new Promise((resolve, reject) => {
    child.once('message', (summary) => { resolve(summary as PreprocessSummary) })
    child.once('exit', (code, signal) => { reject(new Error(`the run ended with ${signal ?? code}`)) })
    child.send(given)
  })
}

function toLines ({ seconds, cpuSeconds, maxRssMb, phases, output }: PreprocessSummary, { documents, pdfs, characters }: Made, bootstrap: boolean): string {
  return [
    `${documents} documents of ${characters} characters, ${pdfs} PDFs, ${bootstrap ? 'with' : 'without'} bootstrap: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of processors, ${maxRssMb} MB at most, without the processes that read PDFs`,
    ...phases.map(({ name, seconds, cpuSeconds }) => `  ${name.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s ${cpuSeconds.toFixed(1).padStart(7)} s of processors`),
    `  ${JSON.stringify(output)}`
  ].join('\n')
}

try {
  const { values } = parseArgs({ options: { documents: { type: 'string', default: '50000' }, pdfs: { type: 'string', default: '500' }, characters: { type: 'string', default: '18000' }, memory: { type: 'string', default: '1024' } } })
  await main({ documents: Number(values.documents), pdfs: Number(values.pdfs), characters: Number(values.characters) }, Number(values.memory))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}`)
  process.exitCode = 2
}
