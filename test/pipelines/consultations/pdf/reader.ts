import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openPdfReader } from '../../../../src/pipelines/consultations/pdf/reader.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { memoryBomb, textPdf, timeBomb } from './fixtures/pdf.ts'

const { signal } = new AbortController()

t.test('a hostile PDF costs its own text and nothing else', { timeout: 230_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const files = { good: textPdf('Guten Tag'), garbage: Buffer.from('<html>'), cut: textPdf('Guten Tag').subarray(0, 200), empty: Buffer.alloc(0), memory: memoryBomb(), again: textPdf('Bonjour') }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  await writeFile(join(folder, 'time'), timeBomb())
  const reader = openPdfReader({ timeoutMs: 60_000, memoryMb: 800 })
  t.teardown(reader.close)
  const said: Record<string, string> = {}
  for (const name of Object.keys(files)) said[name] = await reader.read(join(folder, name), signal).then(({ text }) => text, (error: Error) => `${error.name}: ${error.message}`)
  t.match(said, { good: 'Guten Tag', garbage: /^BrokenPdf: /, cut: /^BrokenPdf: /, empty: /^BrokenPdf: /, memory: 'BrokenPdf: it took more than 800 MB of memory', again: 'Bonjour' })
  const hasty = openPdfReader({ timeoutMs: 1000, memoryMb: 800 })
  t.teardown(hasty.close)
  await t.rejects(hasty.read(join(folder, 'time'), signal), { name: 'BrokenPdf', message: 'it took longer than 1 s' })
  const abort = new AbortController()
  const reading = t.rejects(reader.read(join(folder, 'time'), abort.signal), { message: 'enough' })
  abort.abort(new Error('enough'))
  await reading
})
