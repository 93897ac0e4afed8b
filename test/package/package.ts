import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { HOME } from '../fixtures/places.ts'
import { freePort } from '../fixtures/servers.ts'
import { cleanEnvironment, findNodes, type NodeBinary } from './fixtures/nodes.ts'

const run = promisify(execFile)
const LIMIT_MB = 120
const TIMEOUT_MS = 300_000

const folder = mkdtempSync(join(tmpdir(), 'sb-package-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
t.setTimeout(900_000)
t.jobs = 1

/** Runs a program of the folder as a person would. */
async function person (bin: string, program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number, out: string, err: string }> {
  try {
    const { stdout, stderr } = await run(program, args, { cwd: folder, timeout: TIMEOUT_MS, env: { ...cleanEnvironment(bin), ...env } })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number, stdout?: string, stderr?: string }
    return { code: typeof code === 'number' ? code : 1, out: stdout, err: stderr }
  }
}

/** As `du` counts: in blocks of 4 kB. */
function megabytes (at: string): number {
  let bytes = 0
  for (const entry of readdirSync(at, { recursive: true })) {
    const stat = lstatSync(join(at, String(entry)))
    if (stat.isFile()) bytes += Math.ceil(stat.size / 4096) * 4096
  }
  return bytes / 1_000_000
}

t.test('the tarball installs in an empty folder without a warning about engines, and is not large', async (t) => {
  execFileSync(process.execPath, [join(HOME, 'scripts', 'start.mjs'), '--build'], { stdio: 'pipe', env: cleanEnvironment() })
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: HOME, env: cleanEnvironment() }).toString().trim()
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', join(folder, packed)]
  const { code, err, out } = await person(process.execPath, 'npm', install)
  t.equal(code, 0, err)
  t.notMatch(err + out, /EBADENGINE|deprecated/)
  t.ok(existsSync(join(folder, 'node_modules', 'signalbox', 'LICENSE')))
  const size = megabytes(join(folder, 'node_modules'))
  t.ok(size <= LIMIT_MB, `${size.toFixed(0)} MB are installed`)
})

t.test('what to do first is said: there are no lookups, and init makes them once', async (t) => {
  const { code, err } = await person(process.execPath, 'npx', ['signalbox', 'start'], { PORT: '0' })
  t.equal(code, 1)
  t.match(err, /lookups\/event_lookup\.json does not exist \(signalbox init writes a first one\)/)

  const first = await person(process.execPath, 'npx', ['signalbox', 'init', '--yes'])
  t.equal(first.code, 0, first.err)
  t.match(first.out, /What next:\n {2}npx signalbox start .*\n {2}npx signalbox submit .*\n {2}node --test /, 'the package.json that npm has written has no scripts')
  t.same(readdirSync(folder).filter((name) => !name.endsWith('.tgz')).sort(), [
    '.env.example', '.gitignore', 'compose.yaml', 'lookups', 'node_modules', 'package-lock.json', 'package.json', 'test', 'tsconfig.json'
  ])
  const before = readFileSync(join(folder, 'lookups', 'greet.ts'), 'utf8')
  const again = await person(process.execPath, 'npx', ['signalbox', 'init', '--yes'])
  t.match(again.err, /lookups\/greet\.ts is there already and stays as it is/)
  t.equal(readFileSync(join(folder, 'lookups', 'greet.ts'), 'utf8'), before)

  const refused = await person(process.execPath, 'npx', ['signalbox', 'init', 'elsewhere'])
  t.equal(refused.code, 2, 'without --yes it asks, and nobody is there')
  t.notOk(existsSync(join(folder, 'elsewhere')))
})

t.test('the first process and its test are right, and editors find their types', async (t) => {
  const check = await person(process.execPath, 'npx', ['signalbox', 'check'])
  t.match(check.out, /visitor_arrived → greet \[greet\]/)
  t.equal(check.err, '')
  t.equal(check.code, 0)
  const tsc = await person(process.execPath, process.execPath, [join(HOME, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.', '--typeRoots', join(HOME, 'node_modules', '@types'), '--types', 'node'])
  t.equal(tsc.out, '')
})

const { nodes, missing } = findNodes()
if (missing !== undefined) t.comment(missing)

for (const node of nodes) {
  t.test(`on Node ${node.name} it starts, an event runs to its end, and it stops`, { timeout: TIMEOUT_MS }, async (t) => {
    const unit = await person(node.bin, node.bin, ['--test'])
    t.equal(unit.code, 0, unit.out + unit.err)

    const port = await freePort()
    const { child, ready, output } = start(node, port)
    t.teardown(() => { child.kill('SIGKILL') })
    await ready
    const url = `http://127.0.0.1:${port}`
    const submit = ['signalbox', 'submit', 'visitor_arrived', '--subject', 'ada', '--set', 'name=Ada', '--wait', '5m', '--url', url]
    const submitted = await person(node.bin, 'npx', submit)
    t.match(submitted.out, /✔ visitor_arrived {2}ada {2}complete/, submitted.err)
    t.match(submitted.out, /✔ greeted {2}Ada {2}complete/)
    t.equal(submitted.code, 0)

    const doctor = await person(node.bin, 'npx', ['signalbox', 'doctor'], { SIGNALBOX_URL: url })
    t.equal(doctor.code, 0, doctor.out + doctor.err)
    t.match(doctor.out, /ok {2}queue +greet: 1 worker, 0 waiting, 0 failed\n[\s\S]*all is well/)

    const ended = new Promise<number | null>((resolve) => { child.on('exit', resolve) })
    child.kill('SIGTERM')
    t.equal(await ended, 0, output())
    t.notMatch(output(), /Warning/)
    rmSync(join(folder, 'var'), { recursive: true, force: true })
  })
}

t.test('what few need is named where it is not installed', async (t) => {
  const { code, out } = await person(process.execPath, 'npx', ['signalbox', 'doctor'], { SIGNALBOX_STORE: 's3://bucket/prefix' })
  t.equal(code, 1)
  t.match(out, /!! {2}store +s3:\/\/bucket\/prefix: the package @aws-sdk\/client-s3 is not installed: npm install @aws-sdk\/client-s3/)
})

/** The service of the folder. `ready` rejects with what it said where it ends instead. */
function start ({ bin }: NodeBinary, port: number): { child: ChildProcess, ready: Promise<void>, output: () => string } {
  const child = spawn(bin, ['node_modules/.bin/signalbox', 'start'], { cwd: folder, env: { ...cleanEnvironment(bin), PORT: String(port) } })
  let told = ''
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      told += chunk.toString()
      if (told.includes('signalbox is ready')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', () => { reject(new Error(told)) })
  })
  return { child, ready, output: () => told }
}
