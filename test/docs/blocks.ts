import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readArguments } from '../../src/cli/arguments.ts'
import { COMMANDS, commandName } from '../../src/cli/command-list.ts'
import { cleanEnvironment } from '../package/fixtures/nodes.ts'
import { HOME } from '../fixtures/places.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const FILES = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(HOME, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
const MAIN = join(HOME, 'dist', 'main.js')
const PRELUDE = `set -e; signalbox () { "${process.execPath}" "${MAIN}" "$@"; }\n`

type Block = { file: string, text: string, reason: string | undefined }

const blocks = FILES.flatMap((file): Block[] =>
  [...readFileSync(join(HOME, file), 'utf8').matchAll(/(?:<!-- not run: (.+?) -->\n)?```sh\n([\s\S]*?)```/g)].map(([, reason, text = '']) => ({ file, text, reason })))

t.jobs = 1
t.setTimeout(240_000)

for (const { file, text, reason } of blocks) {
  const title = `${file}: ${text.trim().split('\n')[0]?.slice(0, 80)}`
  t.test(title, { skip: reason ?? false }, async (t) => {
    const folder = temporaryFolder(t)
    const { code, output } = await run(text, { PORT: '0', SIGNALBOX_BACKEND: `pglite:${join(folder, 'data')}`, SIGNALBOX_STORE: `file:${join(folder, 'store')}` })
    t.equal(code, 0, output)
  })
}

t.test('at least one block is run, and those that are not say why', async (t) => {
  t.ok(blocks.filter(({ reason }) => reason === undefined).length >= 3)
})

t.test('every client command of the docs has its options and its arguments', async (t) => {
  let checked = 0
  for (const file of FILES) {
    const text = readFileSync(join(HOME, file), 'utf8').replace(/\\\n/g, ' ')
    for (const [, line = ''] of text.matchAll(/^(?:\$ )?signalbox ([a-z_].*)$/gm)) {
      const [name = '', ...args] = words(line)
      const listed = Object.hasOwn(COMMANDS, commandName(name)) ? COMMANDS[commandName(name)] : undefined
      if (listed === undefined) continue
      const command = await listed.load()
      t.doesNotThrow(() => readArguments(args, listed, command), `${file}: signalbox ${line}`)
      checked++
    }
  }
  t.ok(checked > 10)
})

/** As a shell takes it apart: quotes, and nothing after a pipe, a redirection or a remark. */
function words (line: string): string[] {
  const found = [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word)
  const end = found.findIndex((word) => /^([|>#&;]|&&)/.test(word))
  return (end === -1 ? found : found.slice(0, end)).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}

/** A block that serves is stopped once it is ready, and has to end by itself then. */
async function run (text: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null, output: string }> {
  const child = spawn('bash', ['-c', PRELUDE + text.replace(/npm start\s*$/, 'exec npm start').replace(/npm start -- /, 'exec npm start -- ')], { cwd: HOME, env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let isReady = false
  const hear = (chunk: Buffer): void => {
    output += chunk.toString()
    if (isReady || !output.includes('signalbox is ready')) return
    isReady = true
    child.kill('SIGTERM')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve) })
  // npm tells that it was asked to end.
  return { code: isReady && output.includes('"msg":"stopped"') ? 0 : code, output }
}
