import { execFile } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { pipelines } from '../../src/pipelines/pipelines.ts'
import { shippedBy, type Pipeline } from '../../src/sdk/pipeline.ts'
import { HOME } from '../fixtures/places.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const run = promisify(execFile)

/** What is no part of the sources. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'dist-bench', 'var', 'coverage', '.git', '.tap'])
/** Of every floor something, and nothing that needs a server. */
const TESTS = ['test/house.ts', 'test/sdk/sdk.ts']

t.setTimeout(900_000)

t.test('two pipelines cannot bring the same name', async (t) => {
  const [first] = pipelines
  t.throws(() => shippedBy([...pipelines, { ...first as Pipeline, name: 'again' }], []), { message: /two pipelines bring the process / })
})

for (const pipeline of pipelines) {
  t.test(`without ${pipeline.name} the rest is whole: its folder, its line, its entries`, { timeout: 900_000 }, async (t) => {
    const copy = copySources(t)
    remove(copy, pipeline)
    const node = async (script: string, ...args: string[]) => await run(process.execPath, [join('node_modules', script), ...args], { cwd: copy, env: { PATH: process.env['PATH'], HOME: copy } })
      .then(({ stdout }) => ({ code: 0, output: stdout }), (error: { code: number, stdout: string, stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }))
    t.same(await node('typescript/bin/tsc', '-p', '.', '--tsBuildInfoFile', '.tsbuildinfo'), { code: 0, output: '' }, 'types')
    t.same(await node('eslint/bin/eslint.js', 'src/pipelines/pipelines.ts', 'src/roles', 'src/main.ts'), { code: 0, output: '' }, 'lint of what knows the list')
    t.match(await node('jiti/lib/jiti-cli.mjs', 'scripts/make_docs.ts'), { code: 0 }, 'the documents')
    t.match(await node('jiti/lib/jiti-cli.mjs', 'src/main.ts', 'check'), { code: 0, output: /ok: \d+ event types/ }, 'signalbox check')
    const tests = await node('tap/dist/esm/run.mjs', '--reporter=tap', '--jobs=1', '--timeout=600', ...TESTS)
    if (tests.code !== 0) t.comment(tests.output.slice(-4000))
    t.same({ code: tests.code, failed: tests.output.split('\n').filter((line) => /^ *not ok/.test(line)) }, { code: 0, failed: [] }, 'tests')
  })
}

/** The sources of this checkout, with its packages. */
function copySources (t: Test): string {
  const copy = temporaryFolder(t)
  for (const name of readdirSync(HOME).filter((name) => !LEFT_OUT.has(name))) cpSync(join(HOME, name), join(copy, name), { recursive: true })
  symlinkSync(join(HOME, 'node_modules'), join(copy, 'node_modules'))
  symlinkSync(join(HOME, 'dist'), join(copy, 'dist'))
  return copy
}

/** As the README tells it, and the tests, benchmarks and scripts that are about it. */
function remove (copy: string, { name, processes }: Pipeline): void {
  for (const room of ['src', 'test']) rmSync(join(copy, room, 'pipelines', name), { recursive: true, force: true })
  forget(copy, `test/pipelines/${name}/`)
  edit(join(copy, 'src/pipelines/pipelines.ts'), (list) => list.replace(new RegExp(`^import .*'\\./${name}/.*\n`, 'm'), '').replace(new RegExp(`^  ${name},?\n`, 'm'), '').replace(/,\n\]/, '\n]'))
  const names = new Set(processes.map((one) => one.name))
  editJson(join(copy, 'lookups/process_lookup.json'), (entries) => Object.fromEntries(Object.entries(entries).filter(([key]) => !names.has(key))))
  editJson(join(copy, 'lookups/event_lookup.json'), (entries) => Object.fromEntries(Object.entries(entries).map(([type, entry]) => [type, Array.isArray(entry) ? without(entry, names) : { ...entry, processes: without(entry.processes, names) }])))
  for (let gone = orphans(copy); gone.length > 0; gone = orphans(copy)) {
    for (const file of gone) {
      rmSync(join(copy, file))
      forget(copy, file)
    }
  }
}

/** Lines of the docs that name a test, or a folder of tests, which went with its pipeline. */
function forget (copy: string, file: string): void {
  for (const page of readdirSync(join(copy, 'docs')).filter((name) => name.endsWith('.md'))) {
    const lines = readFileSync(join(copy, 'docs', page), 'utf8').split('\n')
    writeFileSync(join(copy, 'docs', page), lines.filter((line) => !line.includes(`(../${file}`)).join('\n'))
  }
}

type Entry = string[] | { processes: string[] }

function without (list: string[], names: Set<string>): string[] {
  return list.filter((name) => !names.has(name))
}

function edit (file: string, change: (text: string) => string): void {
  const before = readFileSync(file, 'utf8')
  const after = change(before)
  if (before === after) throw new Error(`${file} is as it was`)
  writeFileSync(file, after)
}

function editJson (file: string, change: (entries: Record<string, Entry>) => unknown): void {
  edit(file, (text) => JSON.stringify(change(JSON.parse(text)), null, 2))
}

/** Files beside src/ that import what is not there any more. */
function orphans (copy: string): string[] {
  return ['test', 'bench', 'scripts'].flatMap((folder) => readdirSync(join(copy, folder), { recursive: true }).map((file) => join(folder, String(file)))).filter((file) => {
    if (!file.endsWith('.ts')) return false
    const { importedFiles } = ts.preProcessFile(readFileSync(join(copy, file), 'utf8'))
    return importedFiles.some(({ fileName }) => fileName.startsWith('.') && !existsSync(resolve(copy, dirname(file), fileName)))
  })
}
