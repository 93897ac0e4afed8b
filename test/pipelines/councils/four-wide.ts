import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { HOME } from '../../fixtures/places.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { captionsOf } from './fixtures/city.ts'
import { transcribeContext } from './fixtures/transcribe-context.ts'

const skip = spawnSync('which', ['ffmpeg']).status === 0 ? false : 'there is no ffmpeg on this machine (Debian: apt-get install ffmpeg)'
const WIDE = 4

t.test('four slow videos are fetched at once by one worker, and a fifth one waits', { skip, timeout: 230_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'v.mp4')
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=8', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=16000:duration=8', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', file])
  const video = readFileSync(file)
  // No video is handed out before so many are asked for; one of them stays on its way until the test lets it go.
  const waiting: Array<{ path: string, at: number, response: ServerResponse }> = []
  let isOpen = false
  const give = (response: ServerResponse): void => { response.writeHead(200, { 'content-length': video.length }).end(video) }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.endsWith('.vtt')) response.end(captionsOf('Good evening.', 'The council comes to order.'))
    else if (isOpen) give(response)
    else waiting.push({ path, at: performance.now(), response })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const { transcribe: entry } = JSON.parse(readFileSync(join(HOME, 'lookups/process_lookup.json'), 'utf8')) as { transcribe: object }
  writeLookups(folder, { events: { session_gathered: ['transcribe'], transcript_stored: [] }, processes: { transcribe: { ...entry, concurrency: WIDE } } })
  const backend = await openAnyBackend()
  const env: Record<string, string> = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_FETCH_ALLOW_PRIVATE: 'true', SIGNALBOX_THREADS: '1' }
  const service = await spawnRole('start', env)
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGTERM')
    await backend.close()
  })
  const { context: { params: { speech: _speech, pauses: _pauses, ...data } } } = transcribeContext(t, {})
  const ids: string[] = []
  for (let i = 0; i < WIDE + 1; i++) {
    const id = i.toString(16).padStart(12, '0')
    const session = { ...data.session, video_uri: `${url}/${i}.mp4`, caption_uri: `${url}/${i}.vtt` }
    const { status, body } = await call('POST', '/jobs', { type: 'session_gathered', subject: id, data: { ...data, event_id: id, session } })
    t.equal(status, 202)
    ids.push(body[0][1])
  }
  await until(() => waiting.length === WIDE, 'four videos on their way', 120_000)
  const running = (await call('GET', '/jobs/transcribe?status=running')).body.items
  t.equal(running.length, WIDE)
  t.equal(new Set(waiting.map(({ path }) => path)).size, WIDE)
  const times = waiting.map(({ at }) => at)
  t.comment(`four videos were asked for within ${(Math.max(...times) - Math.min(...times)).toFixed(0)} ms`)
  isOpen = true
  for (const { response } of waiting) give(response)
  for (const id of ids) {
    await until(async () => !['submitted', 'running'].includes((await call('GET', `/jobs/transcribe/${id}?wait=20`)).body.status), `the end of ${id}`, 120_000)
    const job = (await call('GET', `/jobs/transcribe/${id}`)).body
    t.match(job, { status: 'complete', output: { transcript: { source: 'captions' } } }, job.reason)
  }
})
