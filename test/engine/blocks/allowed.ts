import t from 'tap'
import { checkAllowed, type Allowed } from '../../../src/engine/blocks/allowed.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { openAnyBackend } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'

const nothing: Allowed = { commands: [], folders: [], hosts: [] }

const refusal = (kind: string, value: Record<string, unknown>, before?: unknown, allowed: Allowed = nothing): string | undefined => {
  try {
    checkAllowed(shipped.kinds.get(kind)!.schema, value, before, allowed)
    return undefined
  } catch (error) {
    return (error as { field: string }).field
  }
}

t.test('a program is one of those that the operator names, with its arguments', async (t) => {
  const allowed = { ...nothing, commands: ['/usr/local/bin/yt-dlp', '/opt/dl --quiet'] }
  t.equal(refusal('video_downloader', { command: ['/bin/sh', '-c', 'id'] }), 'command')
  t.equal(refusal('video_downloader', { command: ['/bin/sh', '-c', 'id'] }, undefined, allowed), 'command')
  t.equal(refusal('video_downloader', { command: ['/usr/local/bin/yt-dlp'] }, undefined, allowed), undefined)
  t.equal(refusal('video_downloader', { command: ['/usr/local/bin/yt-dlp', '--exec', 'id'] }, undefined, allowed), 'command')
  t.equal(refusal('video_downloader', { command: ['/opt/dl', '--quiet'] }, undefined, allowed), undefined)
  t.equal(refusal('video_downloader', { command: ['yt-dlp'] }, undefined, allowed), 'command')
  t.equal(refusal('video_downloader', { command: ['/bin/mine'] }, { command: ['/bin/mine'] }), undefined, 'what stands there already')
  t.equal(refusal('video_downloader', { command: ['/bin/sh'] }, { command: ['/bin/mine'] }), 'command')
})

t.test('a folder and a socket lie in one of those that the operator names', async (t) => {
  const allowed = { ...nothing, folders: ['/srv/stores'] }
  t.equal(refusal('object_store', { url: 'file:/etc' }), 'url')
  t.equal(refusal('object_store', { url: 'file:///etc' }, undefined, allowed), 'url')
  for (const url of ['file:/srv/stores', 'file:///srv/stores/a', 'file:/srv/stores/a/../b']) t.equal(refusal('object_store', { url }, undefined, allowed), undefined, url)
  for (const url of ['file:/srv/stores/../x', 'file:///srv/stores/%2e%2e/x', 'file:/srv/stores-too', 'FILE:/etc', 'file://host/etc', 'file:relative']) t.equal(refusal('object_store', { url }, undefined, allowed), 'url', url)
  t.equal(refusal('object_store', { url: 's3://bucket/prefix' }), undefined)
  t.equal(refusal('object_store', { url: 'file:/etc' }, { url: 's3://bucket' }), 'url', 'a bucket does not become a folder')
  t.equal(refusal('core_database', { socket_path: '/run/mysqld.sock', user: 'u' }), 'socket_path')
})

t.test('a host is one of those that the operator names; without a list a block keeps its own', async (t) => {
  const allowed = { ...nothing, hosts: ['db.example.org', '*.trusted.example'] }
  t.equal(refusal('core_database', { host: 'DB.example.org' }, undefined, allowed), undefined)
  t.equal(refusal('core_database', { host: 'a.trusted.example' }, undefined, allowed), undefined)
  for (const host of ['evil.example', 'trusted.example.evil', 'xtrusted.example', '127.0.0.1']) t.equal(refusal('core_database', { host }, undefined, allowed), 'host', host)
  t.equal(refusal('webhook', { url: 'https://db.example.org@evil.example/x' }, undefined, allowed), 'url')
  t.equal(refusal('amqp', { url: 'amqp://guest:x@evil.example/v' }, undefined, allowed), 'url')
  t.equal(refusal('amqp', { url: 'amqp://guest:x@db.example.org:5672/v' }, undefined, allowed), undefined)
  t.equal(refusal('core_database', { host: 'new.example' }), undefined, 'a new one')
  t.equal(refusal('core_database', { host: 'evil.example' }, { host: 'db.example' }), 'host', 'one that is there')
  t.equal(refusal('slack_webhook', { url: 'https://hooks.example/two' }, { url: 'https://hooks.example/one' }), undefined, 'another path of its host')
  t.equal(refusal('object_store', { url: 's3://b', endpoint: 'https://evil.example' }, { url: 's3://b' }), undefined, 'an address where there was none')
})

t.test('a block over HTTP runs no program that the files do not allow, tells who uses it, and is removed by force only then', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const lookups = {
    events: { go: { processes: ['tool'], notify: [{ mail: { block: 'post', to: ['a@b.c'] } }] } },
    processes: { tool: { run: { command: ['true'], env: { P: { block: 'staging', field: 'password' } } } }, other: step({}) }
  }
  const { call } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'), SIGNALBOX_BLOCK_COMMANDS: '/usr/bin/yt-dlp', SIGNALBOX_BLOCK_FOLDERS: '', SIGNALBOX_BLOCK_HOSTS: '', SIGNALBOX_REPORT_BLOCK: '' } })
  t.match(await call('PUT', '/blocks/video_downloader/yt', { command: ['/bin/sh', '-c', 'id'], hosts: ['youtube.com'] }), { status: 403, body: { code: 'BLOCK_NOT_ALLOWED', field: 'command', message: /SIGNALBOX_BLOCK_COMMANDS/ } })
  t.match(await call('GET', '/blocks/video_downloader/yt'), { status: 404 })
  t.match(await call('PUT', '/blocks/video_downloader/yt', { command: ['/usr/bin/yt-dlp'] }), { status: 201, body: { used_by: [] } })
  t.match(await call('PUT', '/blocks/object_store/out', { url: 'file:/etc' }), { status: 403, body: { field: 'url' } })
  t.match(await call('PUT', '/blocks/core_database/staging', { host: 'db.example', user: 'u', password: 'geheim-1' }), { status: 201, body: { used_by: ['process tool'] } })
  t.match(await call('PUT', '/blocks/core_database/staging', { host: 'evil.example', user: 'u', password: 'geheim-1' }), { status: 403, body: { field: 'host' } })
  t.match(await call('PUT', '/blocks/smtp/post', { host: 'mail.example', from: 'a@b.c' }), { status: 201, body: { used_by: ['notices of event type go'] } })
  t.match(await call('DELETE', '/blocks/core_database/staging'), { status: 409, body: { code: 'BLOCK_IN_USE', message: /process tool/ } })
  t.match(await call('GET', '/blocks/core_database/staging'), { status: 200 })
  t.match(await call('DELETE', '/blocks/core_database/staging?force=true'), { status: 200, body: { change: 'removed' } })
  t.match(await call('DELETE', '/blocks/video_downloader/yt'), { status: 200 })
})
