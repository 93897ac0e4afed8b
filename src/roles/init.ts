import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { UsageError } from '../base/errors.ts'
import type { Program } from './program.ts'

/** Files whose name the package cannot have. */
const DOTTED = new Set(['env.example', 'gitignore'])
/** Explains the template to who reads the package, not to who uses it. */
const OWN = 'README.md'

type Io = Pick<Program, 'home' | 'version' | 'stdout' | 'stderr'>
type Wanted = { path: string, content: string }

/** `signalbox init [FOLDER] [--yes]`: writes a first project. What is there stays as it is. Answers the exit code. */
export async function init (args: string[], { home, version, stdout, stderr }: Io): Promise<number> {
  const { folder, yes } = readArguments(args)
  const wanted = [...await templateOf(home), { path: 'package.json', content: packageOf(folder, version) }]
  const isThere = ({ path }: Wanted): boolean => existsSync(join(folder, path))
  const missing = wanted.filter((file) => !isThere(file))
  for (const { path } of wanted.filter(isThere)) stderr.write(`${path} is there already and stays as it is\n`)
  if (missing.length > 0 && !yes && !await isConfirmed(folder, missing, stdout)) return 1
  for (const { path, content } of missing) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content, { flag: 'wx' })
    stdout.write(`wrote ${path}\n`)
  }
  stdout.write(nextSteps(folder, missing.some(({ path }) => path === 'package.json')))
  return 0
}

function readArguments (args: string[]): { folder: string, yes: boolean } {
  const options = args.filter((arg) => arg.startsWith('-'))
  const unknown = options.find((arg) => !['--yes', '-y'].includes(arg))
  if (unknown !== undefined) throw new UsageError(`there is no option ${JSON.stringify(unknown)} here`)
  const [folder = '.', extra] = args.filter((arg) => !arg.startsWith('-'))
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one argument too many`)
  return { folder: resolve(folder), yes: options.length > 0 }
}

async function templateOf (home: string): Promise<Wanted[]> {
  const template = join(home, 'examples', 'starter')
  const entries = await readdir(template, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath ?? entry.path, entry.name)))
  return await Promise.all(paths.filter((path) => path !== OWN).sort().map(async (path) => ({
    path: DOTTED.has(path) ? `.${path}` : path,
    content: await readFile(join(template, path), 'utf8')
  })))
}

function packageOf (folder: string, version: string): string {
  const name = basename(folder).toLowerCase().replace(/[^a-z0-9._-]+/g, '-').replace(/^[._-]+/, '')
  return `${JSON.stringify({
    name: name === '' ? 'events' : name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: { start: 'signalbox start', check: 'signalbox check', test: 'node --test' },
    dependencies: { signalbox: `^${version}` }
  }, null, 2)}\n`
}

async function isConfirmed (folder: string, missing: Wanted[], stdout: Program['stdout']): Promise<boolean> {
  if (!stdout.isTTY) throw new UsageError('init asks before it writes, and nobody is there to answer: --yes says yes')
  stdout.write(`These files would be written to ${folder}:\n${missing.map(({ path }) => `  ${path}\n`).join('')}`)
  const asked = createInterface({ input: process.stdin, output: stdout })
  const answer = await asked.question('Write them? [Y/n] ')
  asked.close()
  return /^(y|yes)?$/i.test(answer.trim())
}

function nextSteps (folder: string, isNew: boolean): string {
  const there = relative(process.cwd(), folder)
  return `
What next:
${there === '' ? '' : `  cd ${there}\n`}${isNew ? '  npm install\n' : ''}  npx signalbox start          serves on http://127.0.0.1:3000 with an embedded database
  npx signalbox submit visitor_arrived --subject ada --set name=Ada --wait
  node --test                  runs the test of the process greet
`
}
