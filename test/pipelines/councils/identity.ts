import { spawnSync } from 'node:child_process'
import t from 'tap'
import { supersedes } from '../../../src/pipelines/councils/session/in-force.ts'
import { openCity } from './fixtures/city.ts'

const skip = spawnSync('which', ['ffmpeg']).status === 0 ? false : 'there is no ffmpeg on this machine (Debian: apt-get install ffmpeg)'
const timeout = 200_000
const event = (id: number, more: object = {}) => ({ EventId: id, EventBodyId: null, EventBodyName: 'Harbor Board', EventDate: '2024-03-05T00:00:00', EventTime: '2:00 PM', ...more })
const special = (session: object, more: object = {}) => ({ type: 'special_event', data: { body: { name: 'Harbor Board' }, sessions: [{ session_datetime: '2024-03-05T14:00:00-06:00', session_index: 0, ...session }], ...more } })

t.test('a maintainer\'s whole day: gathered, time corrected, captions corrected, video replaced, reprocessed: one meeting, one transcript, one hit', { skip, timeout }, async (t) => {
  const city = await openCity(t)
  const spoken = city.captions('a.vtt', 'Eight members are present.', 'The harbor lease is next.')
  const items = { 'Events/11/EventItems': [{ EventItemId: 1, EventItemTitle: 'A lease', EventItemMinutesSequence: 1 }, { EventItemId: 2, EventItemTitle: 'A pier', EventItemMinutesSequence: 2 }] }
  city.write('content.mjs', 'import { readFileSync } from \'node:fs\'\nexport const get_content_uris = () => JSON.parse(readFileSync(new URL(\'content.json\', import.meta.url), \'utf8\'))')
  const write = async (video: string, more: object = {}): Promise<void> => {
    Object.assign(city.answers, items, { Events: [event(11, more)] })
    city.write('content.json', JSON.stringify([{ video_uri: video, caption_uri: spoken }]))
  }
  const counts = async (): Promise<number[]> => [(await city.documents('event')).length, (await city.documents('session')).length, (await city.search('harbor lease')).length]
  await write(city.video('a.mp4'))
  await city.gather()
  t.same(await counts(), [1, 1, 1])
  const [first] = await city.documents('event')
  const [session] = await city.documents('session')

  await write(city.video('a.mp4'), { EventTime: '2:30 PM', EventBodyName: 'Harbour Board' })
  await city.gather()
  t.same(await counts(), [1, 1, 1], 'a corrected time and body change the meeting in place')
  t.match(await city.documents('event'), [{ id: first?.['id'], event_datetime: Date.parse('2024-03-05T20:30:00Z') / 1000 }])
  t.match((await city.search('harbor'))[0], { body: 'Harbour Board', event_datetime: Date.parse('2024-03-05T20:30:00Z') / 1000 })

  city.captions('a.vtt', 'Nine members are present.', 'The harbor lease is next.')
  await city.gather({ force: true })
  t.same([await counts(), (await city.search('nine present')).length, (await city.search('"eight members"')).length], [[1, 1, 1], 1, 0], 'corrected captions are found, and what they were is not')

  await write(city.video('b.mp4', 'red'), { EventTime: '2:30 PM', EventBodyName: 'Harbour Board' })
  city.captions('a.vtt', 'Ten members are present.', 'The harbor lease is next.')
  await city.gather()
  t.same([await counts(), (await city.search('ten members')).length, (await city.search('"nine members"')).length], [[1, 1, 1], 1, 0], 'a replaced video is the same session')
  t.match(await city.documents('session'), [{ id: session?.['id'], session_index: 0 }])

  items['Events/11/EventItems'].pop()
  await write(city.video('b.mp4'), { EventTime: '2:30 PM', EventBodyName: 'Harbour Board' })
  await city.gather()
  t.equal((await city.documents('event_minutes_item')).length, 1, 'an item that was taken off is gone')

  const [{ transcript_ref: machine } = {}] = await city.documents('session')
  await city.submit({ type: 'transcript_corrected', data: { session_id: session?.['id'], captions: 'WEBVTT\n\n00:00.000 --> 00:04.000\n>> MAYOR ITO: Eleven members are present.\n\n00:04.000 --> 00:08.000\nThe harbor lease is next.\n' } })
  t.same([await counts(), (await city.search('eleven')).length, (await city.search('"ten members"')).length], [[1, 1, 1], 1, 0], 'what people have corrected is in force')
  await city.submit({ type: 'index_due' })
  await city.gather()
  t.same([await counts(), (await city.search('eleven')).length], [[1, 1, 1], 1])
  const transcripts = await city.documents('transcript')
  t.ok(transcripts.some(({ id }) => id === machine), 'the one before it is still there')
  t.equal(transcripts.filter(({ id }) => id === session?.['transcript_ref']).length, 1)
})

t.test('two records of one body at one time are two meetings, each with its video and items', { skip, timeout }, async (t) => {
  const city = await openCity(t)
  const paths = new Map([[21, [city.video('a.mp4'), city.captions('a.vtt', 'The meeting is open.', 'We vote on the pier.')]], [22, [city.video('b.mp4', 'red'), city.captions('b.vtt', 'The hearing is open.', 'We listen on the dredging.')]]])
  city.write('content.mjs', `const paths = ${JSON.stringify(Object.fromEntries(paths))}\nexport const get_content_uris = ({ EventId: id }) => [{ video_uri: paths[id][0], caption_uri: paths[id][1] }]`)
  Object.assign(city.answers, { Events: [event(21), event(22)], 'Events/22/EventItems': [{ EventItemId: 5, EventItemTitle: 'Dredging' }] })
  await city.gather()
  await city.gather()
  t.same([(await city.documents('event')).length, (await city.documents('session')).length, (await city.documents('event_minutes_item')).length], [2, 2, 1])
  t.same([(await city.search('"vote on the pier"')).length, (await city.search('dredging')).length], [1, 1])
  Object.assign(city.answers, { Events: [event(22), event(21)] })
  await city.gather({ force: true })
  t.equal((await city.documents('event')).length, 2, 'in whatever order they come')
})

t.test('without an id a meeting is its body and time, and a second record adds what the first has not', { skip, timeout }, async (t) => {
  const city = await openCity(t)
  const [a, b] = [city.video('a.mp4'), city.video('b.mp4', 'red')]
  const said = city.captions('a.vtt', 'The pier is old.', 'It is to be mended.')
  await city.submit(special({ video_uri: a, caption_uri: said }))
  await city.submit(special({ video_uri: b, caption_uri: said }))
  t.same([(await city.documents('event')).length, (await city.documents('session')).length, (await city.search('pier')).length], [1, 1, 1], 'a video that was replaced')
  const [session] = await city.documents('session')
  t.match(session?.['session_content_hash'], /^[0-9a-f]{64}$/)
})

t.test('a late run of a session that was replaced meanwhile does not take its place', { skip, timeout }, async (t) => {
  const city = await openCity(t)
  const old = city.captions('a.vtt', 'The old words.', 'They are withdrawn.')
  await city.submit(special({ video_uri: city.video('a.mp4'), caption_uri: old }))
  const late = city.events.find(({ type }) => type === 'session_gathered')
  await city.submit(special({ video_uri: city.video('b.mp4', 'red'), caption_uri: city.captions('b.vtt', 'The new words.', 'They stand.') }))
  await city.submit(late!)
  t.same([(await city.search('"new words"')).length, (await city.search('"old words"')).length], [1, 0])
  t.match(city.outputs.filter(({ type }) => type === 'session_gathered').at(-1)?.output, { transcript: { in_force: false }, notes: [/another session at this place/] })
})

t.test('the newer transcript takes the place, unless its source is worse', async (t) => {
  const [captions, speech, poor, people] = [{ source: 'captions', confidence: 0.97 }, { source: 'speech', confidence: 0.71 }, { source: 'speech', confidence: 0.3 }, { source: 'correction', confidence: 0.9 }]
  t.same([supersedes(captions, captions), supersedes(captions, speech), supersedes(people, captions), supersedes(speech, poor), supersedes(speech, speech), supersedes(people, people)], [true, true, true, true, true, true])
  t.same([supersedes(speech, captions), supersedes(captions, people), supersedes(poor, speech)], [false, false, false])
  t.equal(supersedes(speech, { confidence: 0.97 }), false, 'an older document names no source')
})
