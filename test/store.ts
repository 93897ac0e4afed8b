import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { openStore } from '../src/store.ts'

async function open (t: { teardown: (end: () => Promise<void>) => void }) {
  const parent = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(parent, { recursive: true }))
  return { parent, folder: join(parent, 'store'), store: openStore(`file:${join(parent, 'store')}`) }
}

async function * chunks (...pieces: Array<Uint8Array | string>): AsyncGenerator<Uint8Array | string> {
  yield * pieces
}

async function readAll (source: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = []
  for await (const chunk of source) read.push(chunk)
  return Buffer.concat(read).toString()
}

t.test('a file is written, replaced, listed, read, named by URL and removed', async (t) => {
  const { store, folder } = await open(t)
  t.same(await store.list('a/b'), [])
  t.equal(await store.write('a/b/one.txt', chunks('äb', Buffer.from('c'))), 4)
  t.equal(await store.write('a/b/one.txt', chunks('new')), 3)
  await store.write('a/b/deeper/two.txt', chunks())
  await store.write('root.txt', chunks())
  t.same(await store.list('a/b'), ['a/b/one.txt'])
  t.same(await store.list(''), ['root.txt'])
  t.equal(await readAll(store.read('a/b/one.txt')), 'new')
  t.equal(store.url('a/b/one.txt'), pathToFileURL(join(folder, 'a/b/one.txt')).href)
  await store.remove('a/b/one.txt')
  await store.remove('a/b/one.txt')
  t.same(await store.list('a/b'), [])
  await t.rejects(readAll(store.read('a/b/one.txt')), { code: 'ENOENT' })
})

t.test('a file appears only when it is whole, and a failure leaves the old one', async (t) => {
  const { store, folder } = await open(t)
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
  const { store, folder } = await open(t)
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
  const { store, folder } = await open(t)
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

t.test('no name leads out of the store', async (t) => {
  const { store, parent } = await open(t)
  await writeFile(join(parent, 'secret'), 'secret')
  for (const name of ['', '/', '..', '../secret', 'a/../../secret', '/etc/passwd', 'a//b', 'a/', './a', 'a\0b', 'a\\b', '.hidden', 'a/.hidden', 'a\nb', 'x'.repeat(256)]) {
    await t.rejects(store.write(name, chunks('x')), { code: 'FINAL' }, JSON.stringify(name))
    await t.rejects(readAll(store.read(name)), { code: 'FINAL' })
    await t.rejects(store.remove(name), { code: 'FINAL' })
    t.throws(() => store.url(name), { code: 'FINAL' })
    if (name !== '') await t.rejects(store.list(name), { code: 'FINAL' })
  }
  t.same(await readdir(parent), ['secret'])
})

t.test('no symbolic link leads out of the store', async (t) => {
  const { store, parent, folder } = await open(t)
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
  const { store, parent, folder } = await open(t)
  await store.write('a', chunks('x'))
  await symlink(folder, join(parent, 'other'))
  const other = openStore(pathToFileURL(join(parent, 'other')).href)
  await other.write('b/c', chunks('y'))
  t.equal(await readAll(store.read('b/c')), 'y')
  t.throws(() => openStore('ftp://x'), { code: 'INVALID_CONFIG' })
})
