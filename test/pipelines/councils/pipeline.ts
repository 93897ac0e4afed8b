import { execFileSync, spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import t from 'tap'
import type { EventTree } from '../../../src/schemas/events.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

const media = resolve('../shared/data/cdp/media')
const lacking = ['ffmpeg', 'pocketsphinx_continuous'].filter((program) => spawnSync('which', [program]).status !== 0)
const skip = !existsSync(media) ? 'the shared council data is not on this machine' : lacking.length > 0 ? `${lacking.join(' and ')} not on this machine (Debian: ffmpeg, pocketsphinx, pocketsphinx-en-us)` : false

const CAPTIONS = `WEBVTT

00:00.100 --> 00:03.000
>> GOOD MORNING. THE HARBOUR COMMITTEE

00:03.000 --> 00:06.500
WILL COME TO ORDER.
`

const SOURCE = `export async function get_events () {
  const answer = await fetch(process.env.COUNCIL_SITE + '/meetings.json')
  return await answer.json()
}
`

t.test('one event gathers, transcribes and indexes the meetings of a city, and what was said is found', { skip, timeout: 230_000 }, async (t) => {
  const site = temporaryFolder(t)
  const ffmpeg = (...args: string[]): void => { execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]) }
  ffmpeg('-f', 'lavfi', '-i', 'color=c=blue:s=320x180:r=5', '-i', join(media, 'sense_and_sensibility_01_austen_64kb-0880.wav'), '-shortest', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', join(site, 'read.mp4'))
  ffmpeg('-i', join(media, 'example_video_1080p_6s.mp4'), '-vf', 'scale=320:180', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', join(site, 'harbour.mp4'))
  writeFileSync(join(site, 'harbour.vtt'), CAPTIONS)
  const server = createServer((request, response) => {
    const file = join(site, new URL(request.url ?? '/', 'http://site').pathname.slice(1))
    if (!existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-length': statSync(file).size })
    if (request.method === 'HEAD') response.end()
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const meeting = (name: string, at: string, video: string, captions: string | null) => ({ body: { name }, sessions: [{ session_datetime: at, session_index: 0, video_uri: `${url}/${video}`, caption_uri: captions === null ? null : `${url}/${captions}` }] })
  writeFileSync(join(site, 'meetings.json'), JSON.stringify([meeting('Harbour Committee', '2026-11-19T09:30:00-08:00', 'harbour.mp4', 'harbour.vtt'), meeting('Full Council', '2026-11-20T14:00:00-08:00', 'read.mp4', null), meeting('Parks Board', '2026-11-20T16:00:00-08:00', 'gone.mp4', null)]))

  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'city'))
  writeFileSync(join(folder, 'city', 'get_events.mjs'), SOURCE.replace('process.env.COUNCIL_SITE', JSON.stringify(url)))
  const shipped = (name: string): Record<string, Record<string, unknown>> => JSON.parse(readFileSync(join(HOME, 'lookups', name), 'utf8')) as Record<string, Record<string, unknown>>
  const { gather, store_event: storeEvent, transcribe, index } = shipped('process_lookup.json')
  const types = ['gather_due', 'event_gathered', 'session_gathered', 'event_stored', 'transcript_stored', 'index_built']
  writeLookups(folder, {
    events: Object.fromEntries(Object.entries(shipped('event_lookup.json')).filter(([type]) => types.includes(type))),
    processes: {
      gather: { ...gather, params: { ...gather?.['params'] as object, fixed: { source: { module: join(folder, 'city', 'get_events.mjs') }, timezone: 'America/Los_Angeles' } } },
      store_event: storeEvent,
      transcribe: { ...transcribe, attempts: 1 },
      index: { ...index, coalesce: { by: 'type', quiet: '2s', max_delay: '60s' } }
    }
  })
  const backend = await openAnyBackend()
  const env: Record<string, string> = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_FETCH_ALLOW_PRIVATE: 'true' }
  const service = await spawnRole('start', env)
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGTERM')
    await backend.close()
  })

  const { status, body } = await call('POST', '/jobs', { type: 'gather_due', id: 'today', source: '/test', data: { begin: '2026-11-19', end: '2026-11-21' } })
  t.equal(status, 202)
  const event = (body[0][1] as string).split('.')[0] as string
  const tree = async (): Promise<EventTree> => (await call('GET', `/events/${event}`)).body
  await until(async () => (await tree()).tree_status !== 'incomplete', 'the end of all', 200_000)
  const all = await tree()
  const gathered = all.jobs.flatMap((job) => job.events)
  t.same(all.jobs.map((job) => [job.process, job.status]), [['gather', 'complete']])
  t.same(gathered.map((one) => one.event['type']).sort(), ['event_gathered', 'event_gathered', 'event_gathered', 'session_gathered', 'session_gathered', 'session_gathered'])
  const sessions = gathered.filter((one) => one.event['type'] === 'session_gathered')
  t.same(sessions.map((one) => one.jobs[0]?.status).sort(), ['complete', 'complete', 'failed'], 'a video that is gone fails its own session alone')
  t.match(sessions.find((one) => one.status === 'failed')?.jobs[0]?.reason, /404/)
  t.ok(sessions.filter((one) => one.status === 'complete').every((one) => one.jobs[0]?.events[0]?.event['type'] === 'transcript_stored'))

  const { items } = (await call('GET', '/jobs/transcribe?status=complete')).body
  const transcripts = items.map(({ output }: { output: { transcript: { source: string, reason: string, file: string } } }) => output.transcript)
  t.same(transcripts.map((one: { source: string }) => one.source).sort(), ['captions', 'speech'])
  const { file } = transcripts.find((one: { source: string }) => one.source === 'speech')
  const heard = (JSON.parse(readFileSync(join(folder, 'store', file), 'utf8')) as { sentences: Array<{ text: string }> }).sentences.map(({ text }) => text).join(' ')
  t.match(heard, /\byoung man\b/i, heard)
  const find = async (query: string) => (await call('GET', `/search?q=${encodeURIComponent(query)}`)).body.hits.map((hit: { body: string }) => hit.body)
  t.same(await find('harbour'), ['Harbour Committee'])
  t.same(await find('young man'), ['Full Council'])
  t.same((await call('GET', '/search?q=harbour&sort=newest')).body.hits[0].context_span, 'The harbour committee will come to order.')
})
