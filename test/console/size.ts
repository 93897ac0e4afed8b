import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { HOME } from '../fixtures/places.ts'

const ASSETS = join(HOME, 'dist', 'console', 'assets')

t.test('the pages are light: 90 kB of script and 15 kB of styles, compressed', { skip: existsSync(ASSETS) ? false : 'the console is not built: npm run build' }, async (t) => {
  const sizeOf = (end: string): number => readdirSync(ASSETS).filter((name) => name.endsWith(end)).reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0)
  const [script, style] = [sizeOf('.js'), sizeOf('.css')]
  t.comment(`${script} bytes of script, ${style} of styles`)
  t.ok(script > 0 && script <= 90_000, `${script}`)
  t.ok(style > 0 && style <= 15_000, `${style}`)
})
