import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readPdfText } from '../../../../src/pipelines/consultations/pdf/text.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { CLASSES, VARIATIONS } from './fixtures/classes.ts'
import { hasMupdf, readByMupdf } from './fixtures/mupdf.ts'

const plain = (text: string): string => text.replace(/\s+/gu, ' ').trim()

t.test('the text of each class of PDF is what its reader finds, and MuPDF agrees', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const made = CLASSES.flatMap(({ name, make }, i) => Array.from({ length: VARIATIONS }, (_, n) => {
    const { pdf, text } = make(n)
    const path = join(folder, `${i}-${n}.pdf`)
    writeFileSync(path, pdf)
    return { label: `${name} ${n}`, path, text }
  }))
  t.equal(made.length, 126)
  for (const { label, path, text } of made) t.equal(plain((await readPdfText(path)).text), text, label)
  await t.test('MuPDF', { skip: hasMupdf() ? false : 'python3-fitz is not installed' }, async (t) => {
    const found = readByMupdf(made.map(({ path }) => path))
    for (const [i, { label, text }] of made.entries()) t.equal(plain((found[i] ?? []).join(' ')), text, label)
  })
})
