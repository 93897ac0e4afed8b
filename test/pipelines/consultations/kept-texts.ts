import { existsSync, readFileSync } from 'node:fs'
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from '../../fixtures/service.ts'
import { data, prepare, readParquet, shared, skip, today } from './fixtures/prepare.ts'
import { pagesPdf, textPdf } from './pdf/fixtures/pdf.ts'

t.test('an attempt after one that died reads no PDF again and asks the API for nothing', { skip, timeout: 230_000 }, async (t) => {
  const { api, run, store } = await prepare(t)
  const died = await run({}, 'the-job')
  const ended = t.rejects(died.result, { message: 'the worker died' })
  await died.logged('PDFs (50 %) extracted')
  died.abort.abort(new Error('the worker died'))
  await ended
  t.equal((await readdir(join(store, 'jobs/trial/the-job/texts'))).length, 3, 'what was read is kept')
  const again = await run({}, 'the-job')
  t.match((await again.result).output, { rows: 59, extracted: 0, resumed: 3, missing: 3 })
  t.equal(api.asked.length, 3)
  t.same(await readdir(join(store, 'jobs/trial/the-job/texts')), [], 'and forgotten when all is written')
  const other = await run({}, 'another-job')
  t.match((await other.result).output, { rows: 59, extracted: 3, resumed: 0 }, 'another job reads for itself')
})

t.test('a suspicious text is counted, listed and read anew by the next run, and stays where that fails', { skip, timeout: 230_000 }, async (t) => {
  const platform = temporaryFolder(t)
  await cp(join(data, 'platform-file-storage'), platform, { recursive: true })
  const federal = new Set(shared('documents-metadata').filter((row) => row['political_body'] === 'ch').map((row) => row['latest_stored_file_uuid']))
  const paths = shared('stored-files').filter((row) => federal.has(row['uuid']) && existsSync(join(platform, String(row['path'])))).map((row) => join(platform, String(row['path'])))
  const put = async (i: number, pdf: Buffer): Promise<void> => {
    await rm(paths[i] as string)
    await writeFile(paths[i] as string, pdf)
  }
  await put(0, pagesPdf(['', '']))
  await put(1, pagesPdf(['Seite 1', 'Seite 2']))
  const { run, store } = await prepare(t, { platform })
  const first = await run({ bootstrap_extracted_content: true })
  t.match((await first.result).output, { rows: 59, extracted: 3, suspicious: { empty: 1, short: 1, unmappable: 0 }, suspicious_texts: /suspicious\.json$/ })
  t.ok(first.lines.includes('warning: federal texts: 2 are suspicious: 1 empty, 1 short for their pages, 0 mostly unmappable'))
  const listed = JSON.parse(readFileSync(join(store, 'jobs/trial', first.context.jobId, 'suspicious.json'), 'utf8')) as unknown[]
  t.match(listed, [{ suspicion: /empty|short/, pages: 2, characters_per_page: [/0|6/, /0|6/], unknown_characters: 0 }, { suspicion: /empty|short/ }])

  await put(0, textPdf('Nun mit einem langen Text'))
  await rm(paths[1] as string)
  const second = await run({ bootstrap_extracted_content: true })
  t.match((await second.result).output, { rows: 59, bootstrapped: 1, extracted: 1, missing: 4, suspicious: { empty: 0, short: 0 } })
  const contents = (await readParquet(join(store, today()))).filter((row) => row.document_source === 'fedlex').map((row) => row.document_content_plain)
  t.ok(contents.includes('Nun mit einem langen Text'))
  t.ok(contents.includes('Seite 1\n\fSeite 2'), 'the text of before stays')
  await writeFile(paths[1] as string, textPdf('Auch das ist nun ein Text'))
  const third = await run({ bootstrap_extracted_content: true })
  t.match((await third.result).output, { bootstrapped: 2, extracted: 1, missing: 3 }, 'and is still read anew')
})
