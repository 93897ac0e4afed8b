import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { renderAsyncapi } from '../scripts/asyncapi.ts'
import { renderLookupSchemas } from '../scripts/lookup_schemas.ts'
import { renderOpenapi } from '../scripts/openapi.ts'
import { renderPython } from '../scripts/python_client.ts'
import { renderSettings } from '../scripts/settings.ts'
import { pipelines } from '../src/pipelines/pipelines.ts'

const home = join(import.meta.dirname, '..')
const src = join(home, 'src')

/** Who may import whom (docs/how-it-works.md). A room of src/ imports itself, what stands here, and nothing else. */
const MAY: Record<string, string[]> = {
  base: [],
  schemas: ['base'],
  sdk: ['base'],
  queues: ['base'],
  ledger: ['base'],
  pipelines: ['sdk', 'base'],
  runners: ['sdk', 'base'],
  engine: ['runners', 'queues', 'ledger', 'sdk', 'schemas', 'base'],
  telemetry: ['base'],
  client: ['schemas', 'base'],
  console: ['client', 'schemas', 'base'],
  api: ['engine', 'sdk', 'schemas', 'base'],
  cli: ['client', 'sdk', 'schemas', 'base'],
  roles: ['api', 'engine', 'runners', 'pipelines', 'telemetry', 'queues', 'ledger', 'sdk', 'schemas', 'base'],
  'main.ts': ['roles', 'cli', 'base']
}

/** The floors of engine/, from the ground up: a folder imports those of its own floor and those below. */
const FLOORS = [
  ['record.ts', 'metrics.ts', 'gauges.ts', 'own-queues.ts', 'documents'],
  ['cloudevents', 'filters'],
  ['lookups'],
  ['dispatch'],
  ['gates', 'schedules'],
  ['jobs'],
  ['history', 'notifications'],
  ['worker', 'results', 'backfills', 'redrive', 'blocks', 'reporting', 'verbs.ts']
]

/** Imports that break the rule and are still to be cured. */
const EXCEPTIONS: string[] = []

/** Circles that are still to be cut. */
const CIRCLES: string[] = []

const files = readdirSync(src, { recursive: true }).map(String).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')).sort()
const imports = (file: string): string[] => [...readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map(([, path]) => relative(src, resolve(src, dirname(file), path as string)))
const packages = (file: string): string[] => [...readFileSync(join(src, file), 'utf8').matchAll(/^(?:import|export) .*from '([^.'][^']*)'/gm)].map(([, name]) => name as string)
const roomOf = (file: string): string => file.split('/')[0] as string
const floorOf = (file: string): number => FLOORS.findIndex((floor) => floor.includes(file.split('/')[1] as string))

function isAllowed (from: string, to: string): boolean {
  const [room, other] = [roomOf(from), roomOf(to)]
  if (room !== other) return MAY[room]?.includes(other) === true && (other !== 'pipelines' || to === 'pipelines/pipelines.ts')
  if (room === 'engine') return floorOf(to) <= floorOf(from)
  if (room === 'pipelines') return from === 'pipelines/pipelines.ts' || from.split('/')[1] === to.split('/')[1]
  return true
}

t.test('a room imports what the table gives it', async (t) => {
  t.same(files.filter((file) => !(roomOf(file) in MAY) || (roomOf(file) === 'engine' && floorOf(file) === -1)), [], 'every file has its place')
  const broken = files.flatMap((file) => imports(file).filter((to) => !existsSync(join(src, to)) || !isAllowed(file, to)).map((to) => `${file} → ${to}`))
  t.same(broken, EXCEPTIONS)
})

t.test('no file imports itself by way of others, types counted', async (t) => {
  const circles = new Set<string>()
  const done = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.add([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file) || path.includes(file)) return
    for (const next of imports(file)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  t.same([...circles], CIRCLES)
})

t.test('BullMQ is known in src/queues only, the datastores there and in src/ledger', async (t) => {
  const knows = (file: string, known: RegExp): boolean => packages(file).some((name) => known.test(name))
  t.same(files.filter((file) => !file.startsWith('queues/') && knows(file, /^(bullmq|@bull-board\/.*)$/)), [])
  t.same(files.filter((file) => !/^(queues|ledger|runners\/sql)\//.test(file) && knows(file, /^(ioredis|pg|pg-protocol|@electric-sql\/.*)$/)), [])
})

t.test('process.env and signals are touched in main.ts only, and in the child that reads PDFs', async (t) => {
  const mayTouch = ['main.ts', 'pipelines/consultations/pdf/child.ts']
  t.same(files.filter((file) => !mayTouch.includes(file) && /\bprocess\.(env|exit|on)\b/.test(readFileSync(join(src, file), 'utf8'))), [])
})

t.test('the documents made from code are up to date (npm run docs)', async (t) => {
  t.equal(readFileSync(join(home, 'openapi', 'openapi.json'), 'utf8'), await renderOpenapi())
  t.equal(readFileSync(join(home, 'docs', 'settings.md'), 'utf8'), renderSettings())
  t.equal(readFileSync(join(home, 'openapi', 'asyncapi.json'), 'utf8'), await renderAsyncapi())
  t.equal(readFileSync(join(home, 'clients', 'python', 'signalbox.py'), 'utf8'), await renderPython())
  for (const [file, content] of renderLookupSchemas()) t.equal(readFileSync(join(home, file), 'utf8'), content, file)
  for (const [file, render] of pipelines.flatMap(({ documents = {} }) => Object.entries(documents))) {
    t.equal(readFileSync(join(home, file), 'utf8'), render(), file)
  }
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

/** Rooms whose insides are a matter of their own: what talks to datastores, and what waits. */
const INSIDES = /^(?:queues|ledger)\/|^engine\/(?:gates|results|jobs|history)\//

t.test('files and functions can be read at one look', async (t) => {
  const texts = files.map((file) => ({ file, lines: readFileSync(join(src, file), 'utf8').trimEnd().split('\n') }))
  const lengths = texts.filter(({ file }) => file.endsWith('.ts')).map(({ lines }) => lines.length).sort((one, other) => one - other)
  t.ok((lengths[Math.floor(lengths.length / 2)] ?? Infinity) <= 60, 'half of the files have 60 lines or less')
  t.same(texts.filter(({ lines }) => lines.length > 250).map(({ file }) => file), [], 'none has more than 250')
  const long = files.filter((file) => !INSIDES.test(file) && file.endsWith('.ts')).flatMap((file) => longFunctions(file, 60))
  t.ok(long.length <= 8, `functions of more than 60 lines: ${long.join(', ')}`)
  // What a page shows is markup, which is read from above to below.
  t.same(files.filter((file) => file.endsWith('.tsx')).flatMap((file) => longFunctions(file, 120)), [])
  const wide = texts.flatMap(({ lines }) => lines).filter((line) => line.length > 120)
  t.ok(wide.length < 150, `${wide.length} lines have more than 120 columns`)
})

function longFunctions (file: string, most: number): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const lineOf = (place: number): number => source.getLineAndCharacterOfPosition(place).line
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const lines = lineOf(node.end) - lineOf(node.getStart(source)) + 1
    if (ts.isFunctionLike(node) && lines > most) found.push(`${file}:${lineOf(node.getStart(source)) + 1}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

t.test('the rooms stand on eight floors', async (t) => {
  const floors = new Map<string, number>()
  const floorOfRoom = (room: string): number => {
    const known = floors.get(room)
    if (known !== undefined) return known
    const floor = 1 + Math.max(0, ...(MAY[room] ?? []).map(floorOfRoom))
    floors.set(room, floor)
    return floor
  }
  t.ok(Math.max(...Object.keys(MAY).map(floorOfRoom)) <= 8)
  t.equal(FLOORS.length, 8)
})
