// `npm start`: builds where the sources are newer than what was built, and serves. JavaScript, as Node 20 reads it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = join(dirname(fileURLToPath(import.meta.url)), '..')
const main = join(home, 'dist', 'main.js')
/** Written by the compiler when it has ended well, and touched here where nothing had changed. */
const built = join(home, 'dist', '.tsbuildinfo')
const say = (line) => { process.stderr.write(`signalbox: ${line}\n`) }

function newest () {
  const sources = readdirSync(join(home, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  const others = ['package-lock.json', 'scripts/build_console.ts', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(home, name))
  return Math.max(...[...sources, ...others].map((file) => statSync(file).mtimeMs))
}

function build () {
  const isThere = existsSync(main) && existsSync(built) && existsSync(join(home, 'dist', 'console', 'index.html'))
  if (isThere && statSync(built).mtimeMs >= newest()) return
  say(isThere ? 'the sources are newer than dist/: building what has changed …' : 'building dist/, which takes a while the first time …')
  const started = Date.now()
  const run = (program, ...args) => spawnSync(process.execPath, [join(home, 'node_modules', ...program), ...args], { stdio: 'inherit', cwd: home }).status === 0
  const isBuilt = run(['typescript', 'bin', 'tsc'], '-p', join(home, 'tsconfig.build.json')) &&
    run(['jiti', 'lib', 'jiti-cli.mjs'], join(home, 'scripts', 'build_console.ts'))
  if (!isBuilt) {
    say('the build has failed')
    process.exit(1)
  }
  utimesSync(built, new Date(), new Date())
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** Who started a process, and what that is called; nothing where there is no /proc. */
function startedBy (pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { name, parent: Number(parent) }
  } catch {
    return {}
  }
}

/** npm starts us by a shell, which may stay between: the number of npm. */
function npmOf (parent) {
  const { name, parent: above } = startedBy(parent)
  return /^(sh|dash|bash|ash)$/.test(name ?? '') ? above : parent
}

/** npm hands SIGTERM on, but not SIGKILL, and a shell between us hands on nothing: who started us is gone, so we stop. */
function stopWithNpm () {
  const npm = npmOf(process.ppid)
  const timer = setInterval(() => {
    if (npmOf(process.ppid) === npm) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

build()
if (process.argv[2] !== '--build') {
  if (process.env.npm_lifecycle_event !== undefined) stopWithNpm()
  say('starting: all roles in this process (Ctrl-C stops it; signalbox start --help tells more)')
  process.argv.splice(1, process.argv.length, main, 'start', ...process.argv.slice(2))
  await import('../dist/main.js')
}
