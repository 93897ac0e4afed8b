import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { createDocuments } from '../../../src/pipelines/councils/model/documents.ts'
import { decideHost } from '../../../src/pipelines/councils/media/host.ts'
import { copyFile } from '../../../src/pipelines/councils/media/copy-file.ts'
import { probe } from '../../../src/pipelines/councils/media/probe.ts'
import { runProgram } from '../../../src/pipelines/councils/media/program.ts'
import { transcribeSpeech } from '../../../src/pipelines/councils/speech/engine.ts'
import { openaiSpeech } from '../../../src/pipelines/councils/speech/openai.ts'
import { readAnswer } from '../../../src/pipelines/councils/speech/openai-answer.ts'
import { pocketsphinx } from '../../../src/pipelines/councils/speech/pocketsphinx.ts'
import { choosePieces } from '../../../src/pipelines/councils/speech/pieces.ts'
import { openWav } from '../../../src/pipelines/councils/speech/wav.ts'
import type { Transcript } from '../../../src/pipelines/councils/model/transcript.ts'
import { transcribe } from '../../../src/pipelines/councils/transcribe.ts'
import { withJobFolder } from '../../../src/sdk/job-folder.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, writeLookups } from '../../fixtures/service.ts'
import { transcribeContext, type TranscribeTrial } from './fixtures/transcribe-context.ts'
import { HOME } from '../../fixtures/places.ts'

const media = resolve('../shared/data/cdp/media')
const example = join(media, 'example_video_1080p_6s.mp4')
const speech = join(media, 'sense_and_sensibility_01_austen_64kb-0870.wav')
const short = join(media, 'sense_and_sensibility_01_austen_64kb-0880.wav')
const has = (program: string): boolean => spawnSync('which', [program]).status === 0
const noMedia = !existsSync(media) ? 'the shared Council data is not on this machine' : has('ffmpeg') ? false : 'there is no ffmpeg on this machine (Debian: apt-get install ffmpeg)'
const noSpeech = noMedia !== false ? noMedia : has('pocketsphinx_continuous') ? false : 'there is no pocketsphinx on this machine (Debian: apt-get install pocketsphinx pocketsphinx-en-us)'

const signal = new AbortController().signal
const quiet = { signal, log: () => {}, progress: () => {} }
const jobFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('signalbox-job-') && name.includes(`-${process.pid}-`))

type Output = {
  session_id: string
  transcript_id: string
  transcript: { file: string, source: string, reason: string, reused: boolean, words: number, confidence: number, generator: string }
  captions: Record<string, unknown> | null
  video: { uri: string, hosted: string | null, content_hash: string, seconds: number }
  audio: string | null
  thumbnails: { static: string | null, hover: string | null }
  notes: string[]
}

const run = async (t: Test, trial: TranscribeTrial) => {
  const made = transcribeContext(t, trial)
  const { output, events } = await transcribe(made.context)
  return { ...made, output: output as Output, events }
}

function temporary (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'sb-media-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

async function serve (t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** ffmpeg for the things that tests need. */
const make = (...args: string[]): void => { execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]) }
const sizeOf = (file: string): string => execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', file]).toString().trim()
/** The example, small: what is made of it takes less time. */
const small = join(mkdtempSync(join(tmpdir(), 'sb-small-')), 'small.mp4')
t.teardown(() => { rmSync(dirname(small), { recursive: true, force: true }) })
if (noMedia === false) make('-i', example, '-vf', 'scale=320:180', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-movflags', '+faststart', small)

const captionFile = (seconds: number): string => `WEBVTT\n\n00:00.100 --> 00:0${Math.floor(seconds / 2)}.000\n>> GOOD MORNING. THE COUNCIL\n\n00:0${Math.floor(seconds / 2)}.000 --> 00:0${seconds}.000\nWILL COME TO ORDER.\n`

/** Words that are wrong, missing or too many, by the words that were said. */
function wordErrorRate (said: string[], heard: string[]): number {
  let row = heard.map((_, i) => i + 1)
  for (const [i, word] of said.entries()) {
    let left = i + 1
    row = heard.map((other, j) => (left = Math.min(left + 1, row[j]! + 1, (j === 0 ? i : row[j - 1]!) + (word === other ? 0 : 1))))
  }
  return row.at(-1)! / said.length
}

t.test('pocketsphinx hears more than half of the words of read speech, each in its time', { skip: noSpeech }, async (t) => {
  const folder = temporary(t)
  const references = readFileSync(join(media, 'librivox_transcription.txt'), 'utf8').split('\n')
  const rates: number[] = []
  for (const path of [speech, short]) {
    const wav = await openWav(path)
    const transcript = await transcribeSpeech(pocketsphinx, wav, { sessionDatetime: null }, { ...quiet, folder })
    const words = transcript.sentences.flatMap((sentence) => sentence.words)
    const said = references.find((line) => line.includes(path.slice(-8, -4)))!.replace(/<\/?s>|\(.*\)/g, '').trim().split(' ')
    rates.push(wordErrorRate(said, words.map(({ text }) => text)))
    t.same(words.filter(({ start_time: start, end_time: end }, i) => start < (words[i - 1]?.end_time ?? 0) || end > wav.seconds), [])
    t.notMatch(JSON.stringify(transcript.sentences), /<s>|<sil>|\(2\)|\[SPEECH\]/)
    t.ok(transcript.confidence > 0 && transcript.confidence <= 0.4)
  }
  t.comment(`word error rates: ${rates.map((rate) => rate.toFixed(3)).join(', ')}`)
  t.ok(rates[0]! <= 0.5 && rates[1]! <= 0.3, rates.join(', '))
})

t.test('an OpenAI-compatible service', { skip: noMedia }, async (t) => {
  type Seen = { headers: IncomingMessage['headers'], bytes: number, head: string }
  const seen: Seen[] = []
  const replies: Array<(response: ServerResponse) => void> = []
  const answer = (body: unknown, status = 200) => (response: ServerResponse): void => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)) }
  const url = await serve(t, (request, response) => {
    const one: Seen = { headers: request.headers, bytes: 0, head: '' }
    request.on('data', (chunk: Buffer) => {
      one.bytes += chunk.length
      if (one.head.length < 2000) one.head += chunk.toString('latin1').slice(0, 2000)
    }).on('end', () => {
      seen.push(one)
      replies.shift()?.(response)
    })
  })
  const settings = { base_url: `${url}/v1`, api_key: 'key', model: 'Systran/faster-whisper-medium.en', timeoutMs: 20_000, retryMs: 0 }
  const folder = temporary(t)
  const wav = await openWav(speech)
  const hear = async (more: object = {}, given = wav): Promise<Transcript> => await transcribeSpeech(openaiSpeech({ ...settings, ...more }), given, { sessionDatetime: null }, { ...quiet, folder })
  const words = (text: string, start = 0, step = 0.5) => text.split(' ').map((word, i) => ({ word, start: start + i * step, end: start + (i + 1) * step }))

  t.test('is sent the audio with what it needs, and answers words that get the punctuation of the text', async (t) => {
    replies.push(answer({ message: 'loading the model' }, 503), answer({ task: 'transcribe', duration: wav.seconds, text: ' Good morning. It is twenty-one dollars!', words: words('Good morning It is twenty one dollars') }))
    const transcript = await hear({ language: 'en' })
    t.match(transcript.sentences, [{ text: 'Good morning.', start_time: 0, end_time: 1 }, { text: 'It is twenty-one dollars!', start_time: 1, end_time: 3.5, words: [{}, {}, { text: 'twenty-one', start_time: 2, end_time: 3 }, {}] }])
    t.equal(transcript.confidence, 0.71)
    t.match(transcript.generator, /faster-whisper-medium\.en$/)
    t.equal(seen.length, 2, 'a 503 is tried again')
    t.match(seen[1]?.headers, { authorization: 'Bearer key', 'content-length': String(seen[1]?.bytes), 'content-type': /^multipart\/form-data; boundary=/ })
    for (const part of ['name="model"\r\n\r\nSystran/faster-whisper-medium.en\r\n', 'name="language"\r\n\r\nen\r\n', 'name="response_format"\r\n\r\nverbose_json\r\n', 'name="timestamp_granularities[]"\r\n\r\nword\r\n', 'filename="audio.wav"', 'RIFF']) t.ok(seen[1]?.head.includes(part), part)
  })

  t.test('is asked piece by piece where the audio is long, cut at silences', async (t) => {
    const long = join(folder, 'long.wav')
    make('-i', short, '-f', 'lavfi', '-t', '1', '-i', 'anullsrc=r=16000:cl=mono', '-i', short, '-filter_complex', '[0][1][2]concat=n=3:v=0:a=1', '-ar', '16000', '-ac', '1', '-c:a', 'pcm_s16le', long)
    const audio = await openWav(long)
    const before = seen.length
    replies.push(answer({ text: 'One two.', words: words('One two') }), answer({ text: 'Three.', words: words('Three') }))
    const { sentences } = await hear({ chunk_seconds: 5 }, audio)
    const lengths = seen.slice(before).map(({ bytes }) => bytes / 32_000)
    t.equal(lengths.length, 2)
    t.ok(lengths[0]! > 2.9 && lengths[0]! < 4.2, 'the first piece ends in the second of silence')
    t.same(sentences.map(({ text }) => text), ['One two.', 'Three.'])
    t.ok(Math.abs(sentences[1]!.start_time - lengths[0]!) < 0.1, 'times count from the beginning of the whole')
    t.same(choosePieces(100, 40, [10, 25, 39, 55, 95]), [{ start: 0, end: 39 }, { start: 39, end: 79 }, { start: 79, end: 100 }])
  })

  t.test('that says no is a failure that names its answer', async (t) => {
    replies.push(answer({ error: { message: 'Incorrect API key' } }, 401))
    await t.rejects(hear(), { code: 'FINAL', message: /status 401: .*Incorrect API key/ })
    replies.push((response) => { response.end('<html>') })
    await t.rejects(hear(), { code: 'FINAL', message: /something else than a transcription: <html>/ })
    replies.push(answer({ text: ' ', words: [], segments: [] }))
    await t.rejects(hear(), { code: 'FINAL', message: /no words were heard in 7\.1 s of audio/ })
    const before = seen.length
    replies.push(...Array.from({ length: 3 }, () => answer({}, 500)))
    await t.rejects(hear(), { message: /status 500/ })
    t.equal(seen.length - before, 3)
    replies.push(() => {}, () => {}, () => {})
    await t.rejects(hear({ timeoutMs: 300 }), { message: /did not answer within 0\.3 s/ })
  })

  t.test('is sent two hours of audio without holding them in memory', async (t) => {
    const long = join(folder, 'hours.wav')
    const bytes = 7200 * 32_000
    const head = readFileSync(speech).subarray(0, 44)
    head.writeUInt32LE(36 + bytes, 4)
    head.writeUInt32LE(bytes, 40)
    writeFileSync(long, head)
    const loud = Buffer.alloc(32_000 * 100, 64)
    for (let i = 0; i < 72; i++) appendFileSync(long, loud)
    const before = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => { most = Math.max(most, process.memoryUsage().rss - before) }, 10)
    replies.push(answer({ text: 'One.', words: words('One') }))
    await hear({ chunk_seconds: 7200 }, await openWav(long))
    clearInterval(watch)
    t.ok(seen.at(-1)!.bytes > bytes)
    t.comment(`${bytes} bytes sent, ${most} bytes of memory more`)
    t.ok(most < 120e6, `${most} bytes of memory more`)
  })
})

t.test('an answer without the times of words, or with another clock, is read as well as can be', async (t) => {
  t.match(readAnswer({ segments: [{ start: 0, end: 2, text: ' one two' }, { start: 4, end: 5, text: ' six', avg_logprob: -0.5 }] }, 10), { words: [{ text: 'one', start: 0, end: 1 }, { text: 'two', start: 1, end: 2 }, { text: 'six', start: 4, end: 5 }], probability: Math.exp(-0.5) })
  t.match(readAnswer({ text: 'ab cd', words: null }, 10), { words: [{ text: 'ab', start: 0, end: 5 }, { text: 'cd', start: 5, end: 10 }], probability: undefined })
  t.match(readAnswer({ duration: '8', words: [{ word: ' >> one', start: 0, end: 4 }, { word: '.', start: 4, end: 4 }] }, 10), { words: [{ text: 'one', start: 0, end: 5 }] })
  t.equal(readAnswer([], 10), undefined)
  t.equal(readAnswer({ words: 'none' }, 10), undefined)
})

t.test('where a video is shown from', async (t) => {
  const decide = async (videoUri: string, good: string[] = [], isChanged = false): Promise<unknown> => await decideHost({ videoUri, isChanged, exists: async (uri) => good.includes(uri) })
  t.same(await decide('https://a.gov/v.mp4', ['https://a.gov/v.mp4']), { uri: 'https://a.gov/v.mp4' })
  t.same(await decide('http://a.gov/v.mp4', ['https://a.gov/v.mp4']), { uri: 'https://a.gov/v.mp4' })
  t.same(await decide('http://a.gov/v.mp4', ['https://www.a.gov/v.mp4']), { uri: 'https://www.a.gov/v.mp4' })
  t.match(await decide('http://a.gov/v.mp4'), { host: /does not answer by https/ })
  t.match(await decide('https://www.a.gov/v.mp4'), { host: /does not answer by https/ })
  t.match(await decide('https://a.gov/v.mp4', ['https://a.gov/v.mp4'], true), { host: /not the file at its address/ })
  t.match(await decide('/srv/v.mp4'), { host: 'it is a local file' })
})

t.test('captions that cover the video are the transcript, and a second run finds it', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'a.vtt'), captionFile(5))
  const trial = { folders: [media, folder], session: { video_uri: example, caption_uri: join(folder, 'a.vtt') } }
  const first = await run(t, trial)
  const { output: { transcript, video, captions, audio, thumbnails } } = first
  t.match(transcript, { source: 'captions', reason: 'WebVTT captions: 2 cues, 8 words, 5 s of 5.9 s covered', reused: false, words: 8, confidence: 0.97 })
  t.match(captions, { format: 'WebVTT', cues: 2, words: 8, covered_seconds: 5 })
  const hash = execFileSync('sha256sum', [example]).toString().slice(0, 64)
  t.match(video, { content_hash: hash, hosted: 'it is a local file', uri: `file://${first.folder}/${hash}-video.mp4` })
  t.match(first.events, [{ type: 'transcript_stored', subject: '6291946d4094', data: { session_id: first.output.session_id, transcript_file: transcript.file, content_hash: hash, confidence: 0.97 } }])
  t.match(transcript.file, new RegExp(`^${hash}-cdp_1_0_0-captions_[0-9a-f]{12}-transcript\\.json$`))
  const names = (): string[] => readdirSync(first.folder).filter((name) => name !== 'documents').map((name) => name.replace(hash, 'H').replace(/_[0-9a-f]{12}-/, '_K-')).sort()
  const files = ['H-audio.err', 'H-audio.out', 'H-audio.wav', 'H-cdp_1_0_0-captions_K-transcript.json', 'H-hover-thumbnail.gif', 'H-static-thumbnail.png', 'H-video.mp4']
  t.same(names(), files)
  const stored = JSON.parse(readFileSync(join(first.folder, transcript.file), 'utf8')) as Transcript
  t.match(stored, { session_datetime: '2021-08-16T07:42:10.318Z', generator: 'Signalbox captions 1.0.0 -- WebVTT', sentences: [{ text: 'Good morning.', speaker_index: 0 }, { text: 'The council will come to order.' }] })
  t.equal(sizeOf(join(first.folder, `${hash}-static-thumbnail.png`)), '960,540')
  t.match(spawnSync('ffprobe', ['-v', 'error', '-count_frames', '-show_entries', 'stream=width,height,nb_read_frames', '-of', 'csv=p=0', join(first.folder, `${hash}-hover-thumbnail.gif`)]).stdout.toString().trim(), '960,540,10')
  t.match(await probe(join(first.folder, `${hash}-audio.wav`), folder, signal), { audio: { codec: 'pcm_s16le' } })
  const documents = createDocuments(first.context.store)
  t.match(await documents.get('session', first.output.session_id), { event_ref: '6291946d4094', session_content_hash: hash, session_index: 0, session_datetime: 1629099730.318957, video_uri: video.uri })
  t.match(await documents.get('transcript', first.output.transcript_id), { session_ref: first.output.session_id, confidence: 0.97 })
  t.same((await Promise.all((await documents.ids('file')).map(async (id) => (await documents.get('file', id))?.uri))).sort(), [audio, thumbnails.static, thumbnails.hover, `file://${first.folder}/${transcript.file}`].sort())

  const second = await run(t, { ...trial, folder: first.folder })
  t.match(second.output, { ...first.output, transcript: { ...transcript, reused: true } })
  t.same(second.events, first.events)
  t.same([names(), await documents.ids('file')], [files, await documents.ids('file')])
  const forced = await run(t, { ...trial, folder: first.folder, params: { force: true, static_thumbnail_uri: 'https://a.gov/s.png', hover_thumbnail_uri: 'https://a.gov/h.gif' } })
  t.match(forced.output, { transcript_id: first.output.transcript_id, transcript: { reused: false }, thumbnails: { static: 'https://a.gov/s.png', hover: 'https://a.gov/h.gif' } })
  writeFileSync(join(folder, 'a.vtt'), captionFile(5).replace('ORDER', 'PEACE'))
  const changed = await run(t, { ...trial, folder: first.folder })
  t.not(changed.output.transcript.file, transcript.file, 'other captions are another transcript')
  t.equal(changed.output.session_id, first.output.session_id)
  t.same(jobFolders(), [])
})

t.test('captions that cannot be the transcript give way to speech, with the reason', { skip: noSpeech }, async (t) => {
  const folder = temporary(t)
  const video = join(folder, 'meeting.mkv')
  make('-f', 'lavfi', '-i', 'testsrc=size=1440x1080:rate=1:duration=8', '-i', speech, '-shortest', '-c:v', 'libx264', '-preset', 'ultrafast', video)
  writeFileSync(join(folder, 'empty.vtt'), 'WEBVTT\n')
  const url = await serve(t, (_, response) => { response.writeHead(404).end('gone') })
  const { output, folder: store, context, steps } = await run(t, { folders: [folder], session: { video_uri: video, caption_uri: join(folder, 'empty.vtt') } })
  t.same(steps().map(({ name, state }) => `${name}: ${state}`), ['copy and cut the video', 'split the sound', 'make the transcript', 'make the thumbnails', 'host the video', 'store the session'].map((name) => `${name}: complete`))
  t.match(output.transcript, { source: 'speech', reason: 'the caption file was refused: it has no cues (WebVTT)', reused: false, generator: /pocketsphinx/ })
  t.match(output.captions, { cues: 0 })
  t.ok(output.transcript.words > 15)
  t.match(output.video.hosted, /not the file at its address/)
  t.equal(sizeOf(join(store, `${output.video.content_hash}-static-thumbnail.png`)), '720,540')
  const gone = await run(t, { folders: [folder], session: { video_uri: video, caption_uri: `${url}/c.vtt` }, folder: store })
  t.match(gone.output.transcript, { source: 'speech', reason: /^the captions were not to be had: .*status 404/, reused: true }, 'the reason is another, the transcript the same')
  t.equal(gone.output.video.content_hash, output.video.content_hash, 'made anew, it is the same file')
  t.match(await createDocuments(context.store).get('session', output.session_id), { session_content_hash: output.video.content_hash })
})

t.test('a video is cut where times are given, and its captions with it', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'a.srt'), '1\n00:00:00,000 --> 00:00:02,000\nBefore.\n\n2\n00:00:02,000 --> 00:00:05,000\nWithin.\n\n3\n00:00:05,000 --> 00:00:05,800\nAfter.\n')
  const { output, folder: store } = await run(t, { folders: [dirname(small), folder], session: { video_uri: small, caption_uri: join(folder, 'a.srt'), video_start_time: '00:00:02', video_end_time: '00:00:05' } })
  t.match(output.transcript, { source: 'captions', reason: /^SRT captions: 3 cues, 1 words, 3 s of 3/ })
  t.ok(Math.abs(output.video.seconds - 3) < 0.5, String(output.video.seconds))
  t.match(JSON.parse(readFileSync(join(store, output.transcript.file), 'utf8')), { sentences: [{ text: 'Within.', start_time: 0, end_time: 3 }] })
  await t.rejects(run(t, { folders: [dirname(small)], session: { video_uri: small, video_start_time: '00:00:09' } }), { code: 'FINAL', message: 'video_start_time is 9 s, and the video ends at 5.9 s' })
})

t.test('an HLS stream is fetched piece by piece by the rules for inputs, and muxed', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'a.vtt'), captionFile(5))
  make('-i', small, '-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', join(folder, 'low.m3u8'))
  const asked: string[] = []
  const extra: Record<string, string> = {
    '/v/main.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100\nmissing.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS="avc1,mp4a"\nlow.m3u8\n',
    '/v/live.m3u8': '#EXTM3U\n#EXTINF:2,\nlow0.ts\n',
    '/v/file.m3u8': `#EXTM3U\n#EXTINF:2,\nfile://${folder}/a.vtt\n#EXT-X-ENDLIST\n`
  }
  const url = await serve(t, (request, response) => {
    asked.push(request.url!)
    const file = join(folder, request.url!.replace('/v/', ''))
    if (extra[request.url!] !== undefined) response.end(extra[request.url!])
    else if (existsSync(file)) response.end(readFileSync(file))
    else response.writeHead(404).end()
  })
  const at = (name: string): TranscribeTrial => ({ folders: [folder], session: { video_uri: `${url}/v/${name}`, caption_uri: join(folder, 'a.vtt') } })
  const { output } = await run(t, at('main.m3u8'))
  t.match(output.video.hosted, /not the file at its address/)
  t.ok(Math.abs(output.video.seconds - 5.9) < 0.3, String(output.video.seconds))
  t.ok(asked.includes('/v/low0.ts') && !asked.includes('/v/missing.m3u8'))
  await t.rejects(run(t, at('live.m3u8')), { code: 'INPUT_REFUSED', message: /live stream/ })
  await t.rejects(run(t, at('file.m3u8')), { code: 'INPUT_REFUSED', message: /leads to a file: address/ })
  t.same(jobFolders(), [])
})

t.test('a page is given to the configured downloader, and to nothing else', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  const program = join(folder, 'fake-dlp')
  writeFileSync(program, `#!/bin/sh\necho "$@" > ${folder}/said\nwhile [ "$1" != -o ]; do shift; done\ncp ${small} "$2"\n`, { mode: 0o755 })
  writeFileSync(join(folder, 'a.vtt'), captionFile(5))
  const session = { video_uri: 'https://www.youtube.com/watch?v=abc&x=$(id)', caption_uri: join(folder, 'a.vtt') }
  await t.rejects(run(t, { folders: [folder], session }), { code: 'FINAL', message: /page of www\.youtube\.com, and no downloader/ })
  const { output } = await run(t, { folders: [folder], session, params: { downloader: 'dlp' }, blocks: { video_downloader: { dlp: { command: [program, '--quiet'] } } } })
  t.match(output.video.hosted, /not the file/)
  t.match(readFileSync(join(folder, 'said'), 'utf8'), /^--quiet --no-playlist .* -- https:\/\/www\.youtube\.com\/watch\?v=abc&x=\$\(id\)\n$/)
})

t.test('what cannot be transcribed fails with the reason, and leaves no temporary file', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  const url = await serve(t, (request, response) => {
    if (request.url === '/loop.mp4') response.writeHead(302, { location: '/loop.mp4' }).end()
    else if (request.url === '/broken.mp4') response.writeHead(200, { 'content-length': '1000000' }).write(readFileSync(small).subarray(0, 1000), () => { response.destroy() })
    else response.writeHead(404).end()
  })
  make('-i', small, '-c', 'copy', join(folder, 'slow.mp4'))
  const slow = readFileSync(join(folder, 'slow.mp4'))
  writeFileSync(join(folder, 'cut.mp4'), slow.subarray(0, slow.length / 2))
  make('-i', small, '-c', 'copy', '-movflags', '+faststart', join(folder, 'fast.mp4'))
  const fast = readFileSync(join(folder, 'fast.mp4'))
  writeFileSync(join(folder, 'cut-fast.mp4'), fast.subarray(0, fast.length / 2))
  writeFileSync(join(folder, 'text.mp4'), 'this is no video')
  writeFileSync(join(folder, 'empty.mp4'), '')
  make('-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=2', '-c:v', 'libx264', join(folder, 'mute.mp4'))
  make('-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=2', '-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-t', '2', '-c:v', 'libx264', '-c:a', 'aac', join(folder, 'silent.mp4'))
  writeFileSync(join(folder, 'leak.mp4'), '#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n')
  const fails = async (name: string, expected: { code?: string, message: string | RegExp }, more: TranscribeTrial = {}): Promise<void> => {
    await t.rejects(run(t, { folders: [folder], ...more, session: { video_uri: name.startsWith('http') ? name : join(folder, name) } }), expected, name)
  }
  await fails('cut.mp4', { code: 'FINAL', message: /^the video cannot be read, it is damaged or no video: .*moov atom not found/ })
  await fails('cut-fast.mp4', { code: 'FINAL', message: /^the video is cut off: its sound ends at \d\.\d s, and it says that there are 5\.9 s$/ })
  await fails('text.mp4', { code: 'FINAL', message: /damaged or no video/ })
  await fails('leak.mp4', { code: 'FINAL', message: /damaged or no video/ })
  await fails('empty.mp4', { code: 'INPUT_REFUSED', message: 'session/video_uri is an empty file' })
  await fails('mute.mp4', { code: 'FINAL', message: 'the session has no captions, and the video has no sound to listen to' })
  if (noSpeech === false) await fails('silent.mp4', { code: 'FINAL', message: /^no words were heard in 2\.\d s of audio \(.*pocketsphinx/ })
  await fails('fast.mp4', { code: 'INPUT_REFUSED', message: 'session/video_uri has more than 1000 bytes, the limit for videos' }, { params: { max_video_bytes: 1000 } })
  await fails(`${url}/none.mp4`, { code: 'INPUT_REFUSED', message: /session\/video_uri .*status 404/ })
  await fails(`${url}/loop.mp4`, { code: 'INPUT_REFUSED', message: /redirects more than 5 times/ })
  await fails(`${url}/broken.mp4`, { message: /./ })
  await fails('../../../etc/passwd', { code: 'INPUT_REFUSED', message: /SIGNALBOX_INPUTS/ })
  await t.rejects(runProgram({ name: 'ffmpeg', packages: 'ffmpeg' }, { args: [], folder, signal, timeoutMs: 1000 }, [folder]), { code: 'FINAL', message: 'the program ffmpeg is not installed; Debian: apt-get install ffmpeg' })
  await t.rejects(run(t, { folders: [folder], params: { event_id: 'x' } }), { code: 'INPUT_REFUSED', field: 'data/event_id' })
  t.same(jobFolders(), [])
})

t.test('an abort ends what runs and removes the folder of the job', { skip: noSpeech }, async (t) => {
  const folder = temporary(t)
  const long = join(folder, 'long.mp4')
  make('-f', 'lavfi', '-i', 'color=size=64x64:rate=1:duration=40', '-stream_loop', '-1', '-i', speech, '-t', '40', '-c:v', 'libx264', '-c:a', 'aac', long)
  const programs = (): string[] => execFileSync('ps', ['-eo', 'args']).toString().split('\n').filter((line) => line.includes('signalbox-job-') && line.includes(`-${process.pid}-`))
  const at = async (session: { video_uri: string }, isThere: () => boolean): Promise<void> => {
    const { context, abort, folder: store } = transcribeContext(t, { folders: [folder], session })
    const work = transcribe(context)
    work.catch(() => {})
    await until(isThere).catch((error: unknown) => {
      abort.abort()
      throw error
    })
    abort.abort(new Error('cancelled'))
    await t.rejects(work, { message: 'cancelled' })
    t.same(jobFolders(), [])
    t.same(programs(), [])
    t.same(readdirSync(store).filter((name) => name.startsWith('.') || name.endsWith('transcript.json')), [], 'nothing half-written')
  }
  await at({ video_uri: long }, () => programs().some((line) => line.includes('pocketsphinx')))
  let hung = 0
  const url = await serve(t, () => { hung++ })
  await at({ video_uri: `${url}/hangs.mp4` }, () => hung > 0)
})

t.test('what a killed worker left is removed by the next one', async (t) => {
  let mine = ''
  await withJobFolder('job-a', signal, async (folder) => { mine = folder })
  t.notOk(existsSync(mine))
  const { pid = 0 } = spawnSync('true')
  const dead = mine.replace(`-${process.pid}-`, `-${pid}-`)
  const alive = mine.replace(`-${process.pid}-`, `-${process.ppid}-`)
  const elsewhere = dead.replace(/-[0-9a-f]{16}-(?=\d+-[^-]*$)/, '-0123456789abcdef-')
  for (const one of [dead, alive, elsewhere]) mkdirSync(one)
  await withJobFolder('job-b', signal, async () => {})
  t.same([dead, alive, elsewhere].map(existsSync), [false, true, true], 'only that of a process that is no more, on this machine')
  mkdirSync(mine)
  await withJobFolder('job-a', signal, async () => {})
  t.same([mine, alive, elsewhere].map(existsSync), [false, true, false], 'the next attempt of the same job removes its own, but what another process that lives holds')
  rmSync(alive, { recursive: true })
})

t.test('a large video is streamed', async (t) => {
  const folder = temporary(t)
  const piece = Buffer.alloc(1024 * 1024)
  const before = process.memoryUsage().rss
  let most = 0
  async function * video (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 400; i++) {
      most = Math.max(most, process.memoryUsage().rss - before)
      yield piece
    }
  }
  t.equal(await copyFile(video(), join(folder, 'v'), { maxBytes: 1e9, field: 'f', signal }), 400 * 1024 * 1024)
  t.comment(`400 MiB copied, ${most} bytes of memory more`)
  t.ok(most < 100e6, `${most} bytes of memory more`)
})

t.test('in the service: session_gathered gives transcript_stored', { skip: noMedia }, async (t) => {
  const folder = temporary(t)
  copyFileSync(small, join(folder, 'v.mp4'))
  writeFileSync(join(folder, 'a.vtt'), captionFile(5))
  const { transcribe: entry } = JSON.parse(readFileSync(join(HOME, 'lookups/process_lookup.json'), 'utf8')) as Record<string, unknown>
  const lookups = { events: { session_gathered: ['transcribe'], transcript_stored: [] }, processes: { transcribe: entry } }
  writeLookups(folder, lookups)
  const backend = await openAnyBackend()
  const env: Record<string, string> = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_INPUTS: folder }
  const service = await spawnRole('start', env)
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGTERM')
    await backend.close()
  })
  const { context: { params } } = transcribeContext(t, {})
  const { speech: _, pauses: __, ...data } = params
  const event = { type: 'session_gathered', subject: data.event_id, data: { ...data, session: { ...data.session, video_uri: join(folder, 'v.mp4'), caption_uri: join(folder, 'a.vtt') } } }
  t.match(await call('POST', '/jobs', { ...event, data: { ...event.data, speech: { engine: 'pocketsphinx' } } }), { status: 400, body: { message: /data\/speech/ } }, 'the engine is for the operator to choose')
  t.match(await call('POST', '/jobs', { ...event, data: { ...event.data, session: { video_uri: 'x' } } }), { status: 400, body: { field: /^data\/session/ } })
  const { status, body } = await call('POST', '/jobs', event)
  t.equal(status, 202)
  const [[, id]] = body
  let job = (await call('GET', `/jobs/transcribe/${id}?wait=20`)).body
  await until(async () => (job = (await call('GET', `/jobs/transcribe/${id}?wait=20`)).body).status !== 'running' && job.status !== 'submitted')
  t.match(job, { status: 'complete', output: { transcript: { source: 'captions', words: 8 } } }, job.reason)
  t.equal(job.events.length, 1)
  t.same(readdirSync(tmpdir()).filter((name) => name.startsWith('signalbox-job-') && name.includes(`-${service.child.pid}-`)), [])
})
