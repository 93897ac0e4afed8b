import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { MockAgent } from 'undici'
import type { LookupAll } from '../../../src/sdk/inputs/http.ts'
import { createInputs } from '../../../src/sdk/inputs/inputs.ts'
import type { InputsOptions } from '../../../src/sdk/inputs/inputs.ts'

const field = 'data/fasta'
const refused = { code: 'INPUT_REFUSED', statusCode: 400, field }

type Teardown = { teardown: (end: () => Promise<void>) => void }

async function files (t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'in/deeper'), { recursive: true })
  await writeFile(join(folder, 'in/a.txt'), 'abc')
  await writeFile(join(folder, 'secret'), 'secret')
  return folder
}

async function serve (t: Teardown, listener: RequestListener): Promise<{ port: number, connections: () => number }> {
  let connections = 0
  const server = createServer(listener).on('connection', () => { connections++ })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

async function readAll (location: string, options: Partial<InputsOptions>, signal: AbortSignal = new AbortController().signal): Promise<string> {
  const inputs = createInputs({ folders: [], maxBytes: 100_000, timeoutMs: 5000, allowPrivate: false, ...options })
  const read: Uint8Array[] = []
  for await (const chunk of await inputs.open(location, { field, signal })) read.push(chunk)
  return Buffer.concat(read).toString()
}

t.test('a file in one of the folders is read, by path or file URI', async (t) => {
  const folder = await files(t)
  const folders = ['/does/not/exist', join(folder, 'in')]
  t.equal(await readAll(join(folder, 'in/a.txt'), { folders }), 'abc')
  t.equal(await readAll(join(folder, 'in/deeper/../a.txt'), { folders }), 'abc')
  t.equal(await readAll(pathToFileURL(join(folder, 'in/a.txt')).href, { folders }), 'abc')
  await symlink(join(folder, 'in/a.txt'), join(folder, 'in/deeper/link'))
  t.equal(await readAll(join(folder, 'in/deeper/link'), { folders }), 'abc', 'a link that stays inside')
  await symlink(join(folder, 'in'), join(folder, 'mounted'))
  t.equal(await readAll(join(folder, 'mounted/a.txt'), { folders: [join(folder, 'mounted')] }), 'abc', 'a folder that is a link itself')
  await t.rejects(readAll(join(folder, 'in/a.txt'), { folders }, AbortSignal.abort(new Error('cancelled'))), { message: 'cancelled' })
})

t.test('anything else on the disk is refused, and the answer does not tell whether it exists', async (t) => {
  const folder = await files(t)
  const folders = [join(folder, 'in')]
  await symlink(join(folder, 'secret'), join(folder, 'in/out'))
  await symlink(folder, join(folder, 'in/up'))
  await writeFile(join(folder, 'inside-out'), 'x')
  execFileSync('mkfifo', [join(folder, 'in/pipe')])
  const outside = { ...refused, message: /^data\/fasta is not in one of the folders/ }
  for (const path of [join(folder, 'secret'), join(folder, 'nothing'), join(folder, 'in/../secret'), join(folder, 'in/out'), join(folder, 'in/up/secret'), join(folder, 'inside-out'), '/etc/passwd', 'package.json', 'file:///etc/passwd']) {
    await t.rejects(readAll(path, { folders }), outside, path)
  }
  for (const path of ['', 'a\0b', join(folder, 'in'), join(folder, 'in/deeper'), join(folder, 'in/pipe'), join(folder, 'in/absent'), 'ftp://example.org/x', 'file://host/x', 'data:text/plain,x', 's3://bucket/key']) {
    await t.rejects(readAll(path, { folders }), refused, JSON.stringify(path))
  }
  await t.rejects(readAll(join(folder, 'in/a.txt'), { folders, maxBytes: 2 }), refused)
})

t.test('gzip is known by its first bytes, may have several members, and cannot swell past the limit', async (t) => {
  const folder = await files(t)
  const folders = [join(folder, 'in')]
  const put = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, 'in', name), bytes)
    return join(folder, 'in', name)
  }
  t.equal(await readAll(await put('two.txt', Buffer.concat([gzipSync('one '), gzipSync('two')])), { folders }), 'one two')
  t.equal(await readAll(await put('empty.gz', Buffer.alloc(0)), { folders }), '')
  t.equal(await readAll(await put('short.gz', Buffer.from([0x1f])), { folders }), '\x1f')
  await t.rejects(readAll(await put('bomb.gz', gzipSync(Buffer.alloc(50_000_000))), { folders }), { ...refused, message: /more than 100000 bytes/ })
  await t.rejects(readAll(await put('cut.gz', gzipSync('a'.repeat(5000)).subarray(0, 30)), { folders }), { ...refused, message: /not whole gzip/ })
  await t.rejects(readAll(await put('bad.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])), { folders }), refused)
})

t.test('http is read with few redirects and within limits', async (t) => {
  const { port } = await serve(t, (request, response) => {
    const step = Number(/^\/redirect\/(\d+)$/.exec(request.url ?? '')?.[1] ?? -1)
    if (step >= 0) response.writeHead(302, { location: step === 0 ? '/text' : `/redirect/${step - 1}` }).end()
    else if (request.url === '/text') response.end('text')
    else if (request.url === '/gzip') response.end(gzipSync('zipped'))
    else if (request.url === '/bomb') response.end(gzipSync(Buffer.alloc(50_000_000)))
    else if (request.url === '/long') response.end('x'.repeat(100_001))
    else if (request.url === '/stream') for (let i = 0; i < 20; i++) response.write('x'.repeat(10_000))
    else if (request.url === '/stall') response.write('x')
    else if (request.url === '/drip') setInterval(() => response.write('x'), 20).unref()
    else if (request.url === '/break') response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy())
    else if (request.url === '/ftp') response.writeHead(302, { location: 'ftp://example.org/' }).end()
    else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
    else if (request.url === '/500') response.writeHead(503).end()
    else if (request.url !== '/silent') response.writeHead(404).end()
  })
  const get = async (path: string, options: Partial<InputsOptions> = {}): Promise<string> => readAll(`http://127.0.0.1:${port}${path}`, { allowPrivate: true, ...options })
  t.equal(await get('/text'), 'text')
  t.equal(await get('/gzip'), 'zipped')
  t.equal(await get('/redirect/4'), 'text')
  await t.rejects(get('/redirect/5'), { ...refused, message: /redirects more than 5 times/ })
  for (const path of ['/bomb', '/long', '/stream']) await t.rejects(get(path), { ...refused, message: /more than 100000 bytes/ }, path)
  for (const path of ['/ftp', '/file', '/404']) await t.rejects(get(path), refused, path)
  await t.rejects(readAll(`http://user:secret@127.0.0.1:${port}/text`, { allowPrivate: true }), refused)
  for (const path of ['/500', '/break']) {
    const error: unknown = await get(path).catch((thrown: unknown) => thrown)
    t.ok(error instanceof Error && !('code' in error && error.code === 'INPUT_REFUSED'), `${path} is retried`)
  }
  for (const path of ['/silent', '/stall', '/drip']) await t.rejects(get(path, { timeoutMs: 200 }), { message: /was not read within 200 ms/ }, path)
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Error('cancelled')), 50)
  await t.rejects(readAll(`http://127.0.0.1:${port}/silent`, { allowPrivate: true }, abort.signal), { message: 'cancelled' })
})

t.test('private addresses are refused, however they are written', async (t) => {
  const { port, connections } = await serve(t, (_, response) => response.end('secret'))
  for (const host of ['127.0.0.1', '0x7f.1', '2130706433', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[fe80::1]', '[fd00::1]', '[64:ff9b::7f00:1]', '[::127.0.0.1]', '[::7f00:1]', '[::10.0.0.1]', '[::2]', '[1::1]', '[200::1]', '[4000::1]', '[8000::1]', '[::ffff:0:127.0.0.1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:1::]', '[2606:4700::5efe:127.0.0.1]', '[2606:4700::200:5efe:10.0.0.1]', '[fec0::1]', '[100::1]', '[3fff::1]', '[2001:db8::1]', 'localhost']) {
    await t.rejects(readAll(`http://${host}:${port}/`, {}), { ...refused, message: /not a public address/ }, host)
  }
  t.equal(connections(), 0)
})

t.test('each redirect is checked anew', async (t) => {
  const dispatcher = new MockAgent()
  dispatcher.disableNetConnect()
  dispatcher.get('http://front.example').intercept({ path: '/' }).reply(302, '', { headers: { location: 'http://169.254.169.254/latest' } })
  await t.rejects(readAll('http://front.example/', { dispatcher }), { ...refused, message: /169\.254\.169\.254, which is not a public address/ })
})

t.test('the address that was checked is the one connected to', async (t) => {
  const { port, connections } = await serve(t, (_, response) => response.end('secret'))
  await t.rejects(readAll(`http://rebind.example:${port}/`, { lookup: addresses('127.0.0.1') }), { ...refused, message: /rebind\.example, which is not a public address/ })
  await t.rejects(readAll(`http://mixed.example:${port}/`, { lookup: addresses('93.184.216.34', '127.0.0.1') }), refused)
  let lookups = 0
  const rebinding: LookupAll = (host, answer) => addresses(lookups++ === 0 ? '192.0.2.1' : '127.0.0.1')(host, answer)
  await t.rejects(readAll(`http://rebind.example:${port}/`, { lookup: rebinding, timeoutMs: 300 }))
  t.equal(lookups, 1, 'one lookup, whose answer is both checked and used')
  t.equal(connections(), 0)
  t.equal(await readAll(`http://local.example:${port}/`, { lookup: addresses('127.0.0.1'), allowPrivate: true }), 'secret')
})

const addresses = (...list: string[]): LookupAll => (_, answer) => answer(null, list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
