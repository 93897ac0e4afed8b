import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { suspicionOf } from '../../../../src/pipelines/consultations/pdf/suspicion.ts'
import { readPdfText } from '../../../../src/pipelines/consultations/pdf/text.ts'
import { DATA } from '../../../fixtures/places.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { makePdf, pagesPdf } from './fixtures/pdf.ts'

const cases = join(DATA, 'cases/consult')

t.test('the given cases of PDFs', { skip: existsSync(cases) ? false : 'the shared cases are not on this machine' }, async (t) => {
  const { pdf } = JSON.parse(readFileSync(join(cases, 'cases.json'), 'utf8')) as { pdf: Array<{ file: string, text: string }> }
  for (const { file, text } of pdf) t.equal((await readPdfText(join(cases, file))).text, text, file)
})

t.test('pages are stripped and parted, empty ones left out, and counted with their characters', async (t) => {
  const path = join(temporaryFolder(t), 'a.pdf')
  writeFileSync(path, pagesPdf(['Erste Seite', '', '  Dritte  ']))
  t.same(await readPdfText(path), { text: 'Erste Seite\n\fDritte', pages: [10, 0, 6], unknown: 0 })
})

t.test('a text that is hardly that of its document is suspicious', async (t) => {
  const of = (text: string, pages: number[], unknown = 0) => suspicionOf({ text, pages, unknown })
  t.equal(of('', [0, 0]), 'empty')
  t.equal(of('', []), 'empty')
  t.equal(of('Seite 1 Seite 2', [6, 6]), 'short')
  t.equal(of('a', [20, 19, 19]), 'short')
  t.equal(of('a', [20, 20, 19]), undefined)
  t.equal(of('a', [20, 19]), undefined, 'half of the pages may be images')
  t.equal(of('a', [100], 21), 'unmappable')
  t.equal(of('a', [100], 20), undefined)
})

t.test('a PDF with a password, or that is none, is told', async (t) => {
  const path = join(temporaryFolder(t), 'a.pdf')
  writeFileSync(path, makePdf(['<< /Type /Catalog >>']))
  await t.rejects(readPdfText(path))
  writeFileSync(path, 'no PDF')
  await t.rejects(readPdfText(path), { message: 'Invalid PDF structure.' })
})
