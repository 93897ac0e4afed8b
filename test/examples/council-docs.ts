import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { COMMANDS } from '../../src/cli/command-list.ts'
import { pipelines } from '../../src/pipelines/pipelines.ts'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend, until } from '../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, temporaryFolder, writeLookups } from '../fixtures/service.ts'
import { councilJson, skip, startSite } from '../pipelines/councils/fixtures/council.ts'

const PAGES = ['docs/council-data.md', 'docs/from-cdp-backend.md', 'docs/search.md', 'docs/transcripts.md']
const read = (file: string): string => readFileSync(join(HOME, file), 'utf8')

/** The commands of the blocks of a page: lines behind `$ ` with those that their quotes go on over, and all of a block of shell. */
function blockCommands (page: string): string[] {
  const commands: string[] = []
  for (const [, kind, text = ''] of read(page).matchAll(/^```(console|sh)\n(.*?)^```/gms)) {
    let open = ''
    for (const line of text.split('\n')) {
      if (open === '' && kind === 'console' && !line.startsWith('$ ')) continue
      open = open === '' ? line.replace(/^\$ /, '') : `${open}\n${line}`
      if ((open.match(/'/g) ?? []).length % 2 === 1) continue
      if (open !== '') commands.push(open)
      open = ''
    }
  }
  return commands
}

type Ran = { code: number | null, output: string }

async function shell (text: string, env: Record<string, string>): Promise<Ran> {
  const child = spawn('sh', ['-c', text], { cwd: HOME, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += String(chunk) })
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve) })
  return { code, output }
}

t.test('every command of the page of council meetings runs and answers as it says', { skip, timeout: 230_000 }, async (t) => {
  const routes = councilJson('legistar', 'routes.json') as Record<string, string>
  const site = await startSite(t, (path, url) => {
    const file = routes[path]
    if (file === undefined) return { status: 404 }
    if (!path.endsWith('/Events')) return { body: councilJson('legistar', file) }
    const isThen = String(url.searchParams.get('$filter')).includes('2019-07-29')
    const events = councilJson('legistar', file) as Array<{ EventId: number }>
    return { body: isThen ? events.map((event) => event.EventId === 4050 ? event : { ...event, EventVideoPath: `https://video.example/${event.EventId}.mp4` }) : [] }
  })
  const folder = temporaryFolder(t)
  const lookup = JSON.parse(read('lookups/process_lookup.json')) as Record<string, { params: { fixed: Record<string, unknown> } }>
  const gather = lookup['gather'] as { params: { fixed: Record<string, unknown> } }
  gather.params.fixed['source'] = { legistar: { client: 'seattle', base_url: `${site.url}/v1` } }
  // What comes of the meetings is for other tests; the videos of this page are not on this machine.
  writeLookups(folder, { events: { gather_due: ['gather'], special_event: ['gather'], event_gathered: [], session_gathered: [] }, processes: { gather } })
  const backend = await openAnyBackend()
  const env = await roleEnvironment(folder, backend.url)
  const service = await spawnRole('start', { ...env, SIGNALBOX_FETCH_ALLOW_PRIVATE: 'true' })
  const call = createCall(`http://127.0.0.1:${env.PORT}`)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGTERM')
    await backend.close()
  })
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'signalbox'), `#!/bin/sh\nexec "${process.execPath}" "${join(HOME, 'dist/main.js')}" "$@"\n`)
  chmodSync(join(folder, 'bin', 'signalbox'), 0o755)
  const own = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, SIGNALBOX_URL: `http://127.0.0.1:${env.PORT}`, NO_COLOR: '1' }
  let last = ''
  const run = async (text: string): Promise<Ran> => {
    const ran = await shell(text.replaceAll('localhost:3000', `127.0.0.1:${env.PORT}`).replace(/\b[0-9a-f]{32,}(?=\.gather)/, last), own)
    last = /\b([0-9a-f]{32,})\.gather/.exec(ran.output)?.[1] ?? last
    return ran
  }

  const commands = blockCommands('docs/council-data.md')
  t.equal(commands.length, 6)
  const [refused = '', backfill = '', submit = '', get = '', special = '', wrong = ''] = commands
  t.match(await run(refused), { code: 3, output: /data\/begin must be before end: .* is not before 2021-08-16T07:00:00Z/ })
  t.match(await run(backfill), { code: 0, output: /13 windows: 13 complete/ })
  t.equal((await run(submit)).code, 0)
  await until(async () => (await call('GET', `/jobs/gather/${last}.gather?wait=20`)).body.status === 'complete', 'the end of the gather', 60_000)
  const got = await run(get)
  t.equal(got.code, 0)
  for (const told of ['"sessions_started": 2', '"meetings": 3', 'it has no video: EventVideoPath is empty']) t.ok(got.output.includes(told), told)
  if (existsSync('/usr/bin/curl')) {
    t.match(await run(special), { code: 0, output: /^\[\["gather","[0-9a-f]+\.gather"\]\]$/ })
    t.match(await run(wrong), { code: 0, output: /data\/body\/name must be string \(needed by gather\)/ })
  } else t.comment('there is no curl on this machine')
})

t.test('every command that the pages of council meetings name is one, with options that it has', async (t) => {
  const queries = new Map(pipelines.flatMap(({ queries = [] }) => queries.map((query) => [query.name, query.command] as const)))
  const optionsOf = async (name: string): Promise<object | undefined> => name in COMMANDS ? (await COMMANDS[name]?.load())?.options ?? {} : queries.get(name)?.options
  const everywhere = ['--json', '--url', '--help']
  const wrong: string[] = []
  for (const page of PAGES) {
    const inline = [...read(page).matchAll(/`(signalbox [^`]+)`/g)].map(([, text = '']) => text)
    for (const text of [...inline, ...blockCommands(page).filter((one) => one.startsWith('signalbox '))]) {
      const name = text.split(' ')[1] ?? ''
      const known = await optionsOf(name)
      const options = [...text.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, option = '']) => option)
      if (known === undefined) wrong.push(`${page}: ${text}: there is no command ${name}`)
      else for (const option of options) if (!everywhere.includes(option) && !(option.slice(2) in known)) wrong.push(`${page}: ${text}: ${option}`)
    }
  }
  t.same(wrong, [])
})
