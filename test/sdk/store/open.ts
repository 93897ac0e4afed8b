import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRedactor } from '../../../src/sdk/masking/redactor.ts'
import t from 'tap'
import { downloadHeaders } from '../../../src/engine/jobs/files.ts'
import { openConfiguredStore, openStore, storeSettings, type Store } from '../../../src/sdk/store/open.ts'
import { jobFolder } from '../../../src/sdk/store/names.ts'
import { recorded, type WrittenFile } from '../../../src/sdk/store/recorded.ts'
import { givenBlocks } from '../../fixtures/blocks.ts'
import { BUCKET, openFakeS3, S3_KEY } from './fixtures/s3.ts'
import { until } from '../../fixtures/servers.ts'

const MB = 1024 * 1024

type Ending = { teardown: (end: () => Promise<void> | void) => void }

async function openFolder (t: Ending) {
  const parent = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(parent, { recursive: true }))
  const folder = join(parent, 'store')
  return { parent, folder, store: openStore(`file:${folder}`), address: (name: string) => pathToFileURL(join(folder, name)).href }
}

async function openBucket (t: Ending) {
  const s3 = await openFakeS3()
  const store = openStore({ url: `s3://${BUCKET}/some/prefix`, endpoint: s3.endpoint, ...S3_KEY })
  t.teardown(async () => {
    store.close()
    await s3.close()
  })
  return { s3, store, address: (name: string) => `s3://${BUCKET}/some/prefix/${name}` }
}

async function walkAll (store: Store, folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name, size } of store.walk(folder)) found.push(`${name} ${size}`)
  return found
}

async function * chunks (...pieces: Array<Uint8Array | string>): AsyncGenerator<Uint8Array | string> {
  yield * pieces
}

async function readAll (source: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = []
  for await (const chunk of source) read.push(chunk)
  return Buffer.concat(read).toString()
}

for (const kind of ['file', 's3'] as const) {
  t.test(`a file in ${kind}: is written, replaced, listed, read, named by URL and removed`, async (t) => {
    const { store, address } = kind === 'file' ? await openFolder(t) : await openBucket(t)
    t.same(await store.list('a/b'), [])
    t.equal(await store.write('a/b/one.txt', chunks('äb', Buffer.from('c'))), 4)
    t.equal(await store.write('a/b/one.txt', chunks('new')), 3)
    await store.write('a/b/deeper/two.txt', chunks())
    await store.write('a/b-c/three é.txt', chunks('3'))
    await store.write('a/bb.txt', chunks())
    await store.write('root.txt', chunks())
    t.same(await store.list('a/b'), ['a/b/one.txt'])
    t.same(await store.list(''), ['root.txt'])
    t.same(await walkAll(store, 'a'), ['a/b-c/three é.txt 1', 'a/b/deeper/two.txt 0', 'a/b/one.txt 3', 'a/bb.txt 0'], 'in the order of the names')
    t.same(await walkAll(store, 'a/b'), ['a/b/deeper/two.txt 0', 'a/b/one.txt 3'], 'whole parts of names only')
    t.same(await walkAll(store, 'nowhere'), [])
    t.equal((await walkAll(store, '')).length, 5)
    t.match(await store.stat('a/b/one.txt'), { name: 'a/b/one.txt', size: 3, modified: /^\d{4}-\d\d-\d\dT.*Z$/ })
    t.equal(await store.stat('a/b/none.txt'), undefined)
    t.equal(await store.stat('a/b'), undefined, 'a folder is no file')
    t.equal(await readAll(store.read('a/b/one.txt')), 'new')
    t.equal(store.url('a/b/one.txt'), address('a/b/one.txt'))
    await store.remove('a/b/one.txt')
    await store.remove('a/b/one.txt')
    t.same(await store.list('a/b'), [])
    await t.rejects(readAll(store.read('a/b/one.txt')), { code: 'ENOENT' })
  })

  t.test(`no name leads out of the store in ${kind}`, async (t) => {
    const { store } = kind === 'file' ? await openFolder(t) : await openBucket(t)
    const names = ['', '/', '..', '../secret', 'a/../../secret', '/etc/passwd', 'a//b', 'a/', './a', 'a\0b', 'a\\b', '.hidden', 'a/.hidden', 'a\nb', 'a\ud800', 'x'.repeat(256)]
    const refused = async (act: () => Promise<unknown>): Promise<boolean> => await act().then(() => false, (error: { code?: string }) => error.code === 'FINAL')
    for (const name of names) {
      const ways: Array<() => Promise<unknown>> = [() => store.write(name, chunks('x')), () => readAll(store.read(name)), () => store.remove(name), () => store.stat(name), async () => store.url(name)]
      if (name !== '') ways.push(() => store.list(name), () => walkAll(store, name))
      t.same(await Promise.all(ways.map(refused)), ways.map(() => true), JSON.stringify(name))
    }
  })
}

t.test('a large file goes to S3 in parts and is there when the last one is', async (t) => {
  const { store, s3 } = await openBucket(t)
  const wholeSize = 20 * MB
  let largest = 0
  async function * large (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 20; i++) {
      yield Buffer.alloc(MB, i)
      largest = Math.max(largest, s3.objects.size)
    }
  }
  t.equal(await store.write('big/file.bin', large()), wholeSize)
  t.equal(largest, 0, 'nothing is seen of it while it is written')
  t.equal(s3.requests.filter((one) => one === 'PUT upload part').length, 3)
  t.equal(s3.uploads.size, 0)
  const hash = createHash('sha256')
  for await (const chunk of store.read('big/file.bin')) hash.update(chunk)
  t.equal(hash.digest('hex'), createHash('sha256').update(Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(MB, i)))).digest('hex'))
})

t.test('an upload that fails or is aborted leaves no part, and the old file', async (t) => {
  const { store, s3 } = await openBucket(t)
  await store.write('x', chunks('old'))
  const abort = new AbortController()
  async function * begins (end: () => Promise<void>): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 18; i++) yield Buffer.alloc(MB)
    await until(() => s3.uploads.size === 1, 'an upload that is under way')
    await end()
  }
  const hangs = async (): Promise<void> => {
    setImmediate(() => abort.abort(new Error('cancelled')))
    await new Promise<void>(() => {})
  }
  await t.rejects(store.write('x', begins(async () => { throw new Error('no more') })), { message: 'no more' })
  t.equal(s3.uploads.size, 0)
  await t.rejects(store.write('x', begins(hangs), abort.signal), { message: 'cancelled' })
  t.equal(s3.uploads.size, 0)
  await t.rejects(store.write('x', chunks('late'), abort.signal), { message: 'cancelled' })
  s3.control.failing = (request) => request === 'PUT upload part'
  await t.rejects(store.write('x', begins(async () => {})), { name: 'InternalError' })
  t.equal(s3.uploads.size, 0)
  t.equal(await readAll(store.read('x')), 'old')
})

t.test('a long list comes in pages, without what has no name here', async (t) => {
  const { store, s3 } = await openBucket(t)
  const stored = { body: Buffer.from('x'), modified: new Date() }
  for (let i = 0; i < 2500; i++) s3.objects.set(`some/prefix/many/${String(i).padStart(5, '0')}`, stored)
  for (const key of ['some/prefix/many/', 'some/prefix/many/.hidden', 'some/prefix/many/a//b', 'some/prefixes/many/x', 'elsewhere']) s3.objects.set(key, stored)
  const names = await store.list('many')
  t.equal(names.length, 2500)
  t.same([names[0], names.at(-1)], ['many/00000', 'many/02499'])
  t.equal((await walkAll(store, '')).length, 2500)
  t.equal(s3.requests.filter((one) => one === 'GET list').length, 6)
})

t.test('a link of S3 needs no key and keeps its name', async (t) => {
  const { store } = await openBucket(t)
  await store.write('a/b c.txt', chunks('text'))
  const link = await store.link?.('a/b c.txt', 60, downloadHeaders('a/b c.txt')) ?? ''
  const answer = await fetch(link)
  t.equal(await answer.text(), 'text')
  t.equal(answer.headers.get('content-disposition'), "attachment; filename*=UTF-8''b%20c.txt")
  t.notMatch(link, S3_KEY.secret_access_key)
  t.match(link, /X-Amz-Expires=60/)
  t.equal((await fetch(link.split('?')[0] as string)).status, 403)
})

t.test('a store can be that of a block, as it is now', async (t) => {
  const { s3 } = await openBucket(t)
  const block = givenBlocks({ object_store: { main: { url: `s3://${BUCKET}/by-block`, endpoint: s3.endpoint, ...S3_KEY } } })
  const store = await openConfiguredStore({ url: 'block:main' }, block)
  t.teardown(store.close)
  await store.write('x', chunks('x'))
  t.same([...s3.objects.keys()], ['by-block/x'])
  await t.rejects(openConfiguredStore({ url: 'block:mian' }, block), { code: 'FINAL' })
  t.same(storeSettings('s3://b', { AWS_ENDPOINT_URL: 'http://e', AWS_REGION: 'r' }), { url: 's3://b', endpoint: 'http://e', region: 'r' })
})

t.test('a wrong key is told without it', async (t) => {
  const { s3 } = await openBucket(t)
  const store = openStore({ url: `s3://${BUCKET}`, endpoint: s3.endpoint, access_key_id: 'another', secret_access_key: 'not-to-be-seen' })
  t.teardown(store.close)
  const error = await store.write('x', chunks('x')).catch((thrown: Error) => thrown) as Error
  t.equal(error.name, 'AccessDenied')
  t.notMatch(JSON.stringify([error.message, error.stack]), 'not-to-be-seen')
})

t.test('what a job writes is recorded when it is whole', async (t) => {
  const { store } = await openFolder(t)
  const files: WrittenFile[] = []
  const redactor = createRedactor()
  redactor.add(['Kq9-hidden-word'])
  const seen = recorded(store, (file) => { files.push(file) }, redactor)
  await seen.write(`${jobFolder({ processName: 'p', jobId: 'e1.p' })}/a.txt`, chunks('he', Buffer.from('llo')))
  await t.rejects(seen.write('b.txt', (async function * () { yield 'half'; throw new Error('no') })()))
  await t.rejects(seen.write('of/Kq9-hidden-word.txt', chunks('x')), { code: 'FINAL', message: 'the name of a file holds a secret: of/***.txt' })
  t.same(files, [{ name: 'jobs/p/e1.p/a.txt', size: 5, sha256: createHash('sha256').update('hello').digest('hex') }])
})

t.test('a file appears only when it is whole, and a failure leaves the old one', async (t) => {
  const { store, folder } = await openFolder(t)
  await store.write('a/x', chunks('old'))
  async function * fails (): AsyncGenerator<string> {
    yield 'half'
    while ((await readdir(join(folder, 'a'))).length < 2) await new Promise(setImmediate)
    t.same(await store.list('a'), ['a/x'], 'which is not listed')
    throw new Error('no more')
  }
  await t.rejects(store.write('a/x', fails()), { message: 'no more' })
  t.same(await readdir(join(folder, 'a')), ['x'])
  t.equal(await readFile(join(folder, 'a/x'), 'utf8'), 'old')
})

t.test('what a killed writer left half-written goes when its owner writes again, or after a day', async (t) => {
  const { store, folder } = await openFolder(t)
  const url = pathToFileURL(folder).href
  const left: string[] = []
  const half = async (owner: string): Promise<string> => {
    async function * killed (): AsyncGenerator<string> {
      yield 'half'
      await new Promise<void>(() => {})
    }
    void openStore(url, owner).write('a/x', killed())
    const names = async (): Promise<string[]> => (await readdir(join(folder, 'a')).catch(() => [])).filter((name) => !left.includes(name))
    while ((await names()).length === 0) await new Promise(setImmediate)
    left.push(...await names())
    return left.at(-1)!
  }
  const [own, other, old] = [await half('job 1'), await half('job 2'), await half('job 3')]
  await utimes(join(folder, 'a', old), 0, 0)
  await writeFile(join(folder, 'a', '.hidden'), 'of somebody else')
  await openStore(url, 'job 1').write('a/y', chunks('whole'))
  t.same(await readdir(join(folder, 'a')), ['.hidden', other, 'y'])
  t.not(own, other)
  t.same(await store.list('a'), ['a/y'])
})

t.test('an abort ends a write that waits for its source', async (t) => {
  const { store, folder } = await openFolder(t)
  const abort = new AbortController()
  async function * hangs (): AsyncGenerator<string> {
    yield 'half'
    setImmediate(() => abort.abort(new Error('cancelled')))
    await new Promise<void>(() => {})
  }
  await t.rejects(store.write('a/x', hangs(), abort.signal), { message: 'cancelled' })
  t.same(await readdir(join(folder, 'a')), [])
  await t.rejects(store.write('a/x', chunks('late'), abort.signal), { message: 'cancelled' })
  t.same(await readdir(join(folder, 'a')), [])
})

t.test('no symbolic link leads out of the store', async (t) => {
  const { store, parent, folder } = await openFolder(t)
  await mkdir(join(parent, 'outside'))
  await writeFile(join(parent, 'outside/secret'), 'secret')
  await store.write('inside/file', chunks('x'))
  await symlink(join(parent, 'outside'), join(folder, 'link'))
  await symlink(join(parent, 'outside/secret'), join(folder, 'inside/secret'))
  await t.rejects(store.write('link/new', chunks('x')), { code: 'FINAL' })
  await t.rejects(store.write('link/deep/new', chunks('x')), { code: 'FINAL' })
  await t.rejects(readAll(store.read('link/secret')), { code: 'FINAL' })
  await t.rejects(readAll(store.read('inside/secret')), { code: 'FINAL' })
  await t.rejects(store.list('link'), { code: 'FINAL' })
  await t.rejects(store.remove('link/secret'), { code: 'FINAL' })
  await store.write('inside/secret', chunks('replaces the link'))
  t.equal(await readFile(join(parent, 'outside/secret'), 'utf8'), 'secret')
  t.same(await readdir(join(parent, 'outside')), ['secret'])
})

t.test('the store itself may be reached through a link, and other schemes are refused', async (t) => {
  const { store, parent, folder } = await openFolder(t)
  await store.write('a', chunks('x'))
  await symlink(folder, join(parent, 'other'))
  const other = openStore(pathToFileURL(join(parent, 'other')).href)
  await other.write('b/c', chunks('y'))
  t.equal(await readAll(store.read('b/c')), 'y')
  for (const url of ['ftp://x', 's3://', 's3://B!', 's3://bucket/../x', 's3://bucket/.x']) t.throws(() => openStore(url), { code: 'INVALID_CONFIG' }, url)
})
