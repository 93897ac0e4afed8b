import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import { renderCouncilSchema } from '../scripts/council.ts'
import { renderOpenapi } from '../scripts/openapi.ts'
import { renderSettings } from '../scripts/settings.ts'

const home = join(import.meta.dirname, '..')
const src = join(home, 'src')

/** From the bottom up: a file imports from its own layer and those below it, never from one above. */
const LAYERS: RegExp[][] = [
  [/^(errors|duration|datetime|zone|mask|event|log|batch|config|error-log|concurrently|turns|store|worker-name|validation|retry|temporary-folder|from-environment)\.ts$/, /^store\//, /^sequence\//, /^cloudevents\//, /^blocks\/(kind|registry|check|secrets|redactor|seal)\.ts$/, /^blocks\/kinds\//, /^inputs\//, /^schedules\/ticks\.ts$/, /^processes\/definition\.ts$/, /^gates\/(definition|gate)\.ts$/, /^core-db\//, /^demokratis\//],
  [/^processes\//, /^(record|schemas|file-schemas|tree-state)\.ts$/, /^blocks\/schemas\.ts$/, /^redrive\/schemas\.ts$/, /^(schedules|backfills)\/view\.ts$/, /^schedules\/lookup\.ts$/, /^runners\//, /^queues\/(contract|timeout)\.ts$/, /^notifications\/(target|view)\.ts$/, /^gates\/key\.ts$/, /^filters\//, /^cdp\//],
  [/^lookups(\/[\w-]+)?\.ts$/, /^(matching|lookup-files|job-status|metrics|notes|job-files|stop)\.ts$/, /^blocks\/blocks\.ts$/, /^reporting\//, /^queues\//, /^redrive\/read-matching\.ts$/, /^backfills\/(range|state)\.ts$/, /^gates\/(upstream|pauses|wake)\.ts$/],
  [/^(plan|tree|dispatch)\.ts$/, /^notifications\//],
  [/^settle\.ts$/, /^gates\/(pending|running|through|keeper)\.ts$/],
  [/^(links|files|journal|results|runner|jobs|child-jobs|history|stream|worker|email)\.ts$/, /^(schedules|backfills|redrive)\//, /^(results|runner|jobs|child-jobs|history(-records)?|stream|worker|email)\.ts$/],
  [/^api\//],
  [/^client\//, /^usage\.ts$/, /^service\.ts$/, /^roles\//],
  [/^main\.ts$/]
]

const files = readdirSync(src, { recursive: true }).map(String).filter((file) => file.endsWith('.ts')).sort()
const imports = (file: string): string[] => [...readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map(([, path]) => relative(src, resolve(src, dirname(file), path as string)))
const packages = (file: string): string[] => [...readFileSync(join(src, file), 'utf8').matchAll(/^(?:import|export) .*from '([^.'][^']*)'/gm)].map(([, name]) => name as string)
const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.some((pattern) => pattern.test(file)))

t.test('imports go downwards only', async (t) => {
  t.same(files.filter((file) => layerOf(file) === -1), [], 'every file has a layer')
  const upwards = files.flatMap((file) => imports(file).filter((imported) => !existsSync(join(src, imported)) || layerOf(imported) > layerOf(file)).map((imported) => `${file} → ${imported}`))
  t.same(upwards, [])
})

t.test('no file imports itself by way of others', async (t) => {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) t.fail(`a circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
    if (done.has(file) || path.includes(file)) return
    for (const next of imports(file).filter((one) => !isTypeOnly(file, one))) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  t.pass('there is no circle')
})

t.test('BullMQ and the datastores are known in src/queues only', async (t) => {
  const datastores = /^(bullmq|ioredis|pg|pg-protocol|@electric-sql\/.*|@bull-board\/.*)$/
  t.same(files.filter((file) => !file.startsWith('queues/') && packages(file).some((name) => datastores.test(name))), [])
})

t.test('process.env and signals are touched in main.ts only, and in the child that reads PDFs; and processes know neither HTTP nor queues', async (t) => {
  t.same(files.filter((file) => /\bprocess\.(env|exit|on)\b/.test(readFileSync(join(src, file), 'utf8'))), ['demokratis/pdf-child.ts', 'main.ts'])
  t.same(files.filter((file) => file.startsWith('processes/') && imports(file).some((one) => /^(queues|api)\//.test(one))), [])
})

t.test('the documents made from code are up to date (npm run docs)', async (t) => {
  t.equal(readFileSync(join(home, 'openapi', 'openapi.json'), 'utf8'), await renderOpenapi())
  t.equal(readFileSync(join(home, 'docs', 'settings.md'), 'utf8'), renderSettings())
  t.equal(readFileSync(join(home, 'docs', 'council-event.schema.json'), 'utf8'), renderCouncilSchema())
})

t.test('the OpenAPI document is valid, and every operation has a name', async (t) => {
  execFileSync(process.execPath, [join(home, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js'), 'lint', 'openapi/openapi.json'], { cwd: home, env: { ...process.env, REDOCLY_TELEMETRY: 'off' }, stdio: 'pipe' })
  const { paths } = JSON.parse(readFileSync(join(home, 'openapi', 'openapi.json'), 'utf8')) as { paths: Record<string, Record<string, { operationId?: string }>> }
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  t.notOk(ids.includes(undefined))
  t.equal(new Set(ids).size, ids.length)
})

t.test('the links of the README and the docs lead somewhere', async (t) => {
  for (const file of ['README.md', ...readdirSync(join(home, 'docs')).map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'))) {
    for (const [, link = ''] of readFileSync(join(home, file), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (!/^https?:/.test(link)) t.ok(existsSync(resolve(home, dirname(file), link)), `${file}: ${link}`)
    }
  }
})

function isTypeOnly (file: string, imported: string): boolean {
  const text = readFileSync(join(src, file), 'utf8')
  const paths = [...text.matchAll(/^import type .*from '(\.[^']+)'/gm)].map(([, path]) => relative(src, resolve(src, dirname(file), path as string)))
  return paths.includes(imported)
}
