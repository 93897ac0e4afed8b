import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { HOME } from '../fixtures/places.ts'

const namesIn = (list: string): string[] => list.split(',').map((name) => name.trim().replace(/^type /, '').replace(/ as .*/, '')).filter((name) => name !== '')
const read = (file: string): string => readFileSync(join(HOME, 'src', file), 'utf8')

t.test('what a shipped process uses, yours can use: signalbox/sdk has it all', async (t) => {
  const exported = new Set([...read('sdk/sdk.ts').matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => namesIn(list)))
  const files = readdirSync(join(HOME, 'src', 'pipelines'), { recursive: true }).map(String).filter((file) => file.includes('/') && file.endsWith('.ts'))
  const used = files.flatMap((file) => [...read(join('pipelines', file)).matchAll(/^import (?:type )?\{([^}]*)\} from '(?:\.\.\/)+(?:sdk|base)\//gm)].flatMap(([, list = '']) => namesIn(list)))
  t.same([...new Set(used)].filter((name) => !exported.has(name)).sort(), [], 'names that src/sdk/sdk.ts lacks')
})

t.test('the package has one entry for processes', async (t) => {
  const name = 'signalbox/sdk'
  const sdk = await import(name) as Record<string, unknown>
  t.type(sdk['defineProcess'], 'function')
  t.type(sdk['withJobFolder'], 'function')
  t.match(sdk['coreDatabase'], { kind: 'core_database' })
})
