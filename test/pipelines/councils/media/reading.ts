import { createCipheriv } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runFfmpeg } from '../../../../src/pipelines/councils/media/ffmpeg.ts'
import { kindOfPiece } from '../../../../src/pipelines/councils/media/piece-kind.ts'
import { readPlaylist } from '../../../../src/pipelines/councils/media/playlist.ts'
import { probe } from '../../../../src/pipelines/councils/media/probe.ts'
import { transcribe } from '../../../../src/pipelines/councils/transcribe.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { transcribeContext } from '../fixtures/transcribe-context.ts'
import { DATA } from '../../../fixtures/places.ts'

const noFfmpeg = spawnSync('which', ['ffmpeg']).status === 0 ? false : 'there is no ffmpeg on this machine (Debian: apt-get install ffmpeg)'
const CASES = join(DATA, 'cases', 'trust')
const skip = noFfmpeg !== false ? noFfmpeg : existsSync(CASES) ? false : 'the shared cases are not on this machine'
const make = (...args: string[]): void => { execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]) }
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=5:duration=6']
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=16000:duration=6']

async function serve (t: Test, answer: (path: string) => Buffer | string | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '')
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What the store holds after a session with this video, and how it failed. */
async function trial (t: Test, uri: string): Promise<{ error: { code?: string, message: string }, stored: string[] }> {
  const { context, folder } = transcribeContext(t, { session: { video_uri: uri } })
  const error = await transcribe(context).then(() => ({ message: 'it was transcribed' }), (failure: Error) => failure)
  return { error, stored: readdirSync(folder) }
}

t.test('no text in the place of a video opens a file outside of the inputs', { skip, timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const secret = join(folder, 'meeting.ts')
  make(...PICTURE, ...SOUND, '-shortest', '-c:v', 'libx264', '-c:a', 'aac', '-f', 'mpegts', secret)
  const texts = new Map(['playlist-under-another-name.mp4', 'line-within-a-line.m3u8', 'rendition.m3u8', 'rendition-inner.ts'].map((name) => [`/${name}`, readFileSync(join(CASES, name), 'latin1').replaceAll('/SECRET/meeting.ts', secret)]))
  texts.set('/inner.ts', texts.get('/rendition-inner.ts') ?? '')
  texts.set('/nul.m3u8', `#EXTM3U\n#EXTINF:6.0,\0${secret}\n#EXT-X-ENDLIST\n`)
  texts.set('/crlf.m3u8', `#EXTM3U\r\n#EXTINF:6.0,\r\n${secret}\r\n#EXT-X-ENDLIST\r\n`)
  texts.set('/concat.mp4', `ffconcat version 1.0\nfile ${secret}\n`)
  texts.set('/manifest.mp4', `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT6S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp2t"><Representation id="1" bandwidth="1"><BaseURL>file://${secret}</BaseURL></Representation></AdaptationSet></Period></MPD>`)
  texts.set('/session.mp4', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n')
  texts.set('/captions.mp4', `[SCRIPT]\n#EXTM3U\n${secret}\n`)
  texts.set('/key.m3u8', `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://${secret}"\n#EXTINF:6,\ngood.ts\n#EXT-X-ENDLIST\n`)
  texts.set('/map.m3u8', `#EXTM3U\n#EXT-X-MAP:URI="file://${secret}"\n#EXTINF:6,\ngood.ts\n#EXT-X-ENDLIST\n`)
  const url = await serve(t, (path) => path === '/good.ts' ? readFileSync(secret) : texts.get(path))
  for (const [path] of texts) {
    if (path.endsWith('inner.ts')) continue
    const { error, stored } = await trial(t, url + path)
    t.match(error, { code: /^(FINAL|INPUT_REFUSED)$/ }, `${path}: ${error.message}`)
    t.same(stored, [], `${path} leaves nothing`)
  }
  const { error } = await trial(t, `${url}/rendition.m3u8`)
  t.equal(error.message, 'session/video_uri is a stream with a piece that is no media')
  await t.rejects(runFfmpeg({ inputs: [{ path: secret }, { path: join(CASES, 'rendition.m3u8') }], output: ['-f', 'null', '-'], folder, signal: new AbortController().signal, timeoutMs: 60_000 }), /none of the|whitelist/, 'the second input is read by the same rules')
})

t.test('streams of every kind of piece are put together: TS, encrypted TS, mp4 with ranges', { skip: noFfmpeg, timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const signal = new AbortController().signal
  const source = join(folder, 'source.mp4')
  make(...PICTURE, ...SOUND, '-shortest', '-c:v', 'libx264', '-g', '10', '-c:a', 'aac', source)
  const hls = ['-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod']
  make('-i', source, ...hls, join(folder, 'plain.m3u8'))
  make('-i', source, ...hls, '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file', join(folder, 'boxes.m3u8'))
  const key = Buffer.alloc(16, 7)
  const pieces = readdirSync(folder).filter((name) => /^plain\d+\.ts$/.test(name))
  for (const [i, name] of pieces.entries()) {
    const iv = Buffer.alloc(16)
    iv[15] = i + 3
    const cipher = createCipheriv('aes-128-cbc', key, iv)
    writeFileSync(join(folder, `secret${i}.ts`), Buffer.concat([cipher.update(readFileSync(join(folder, name))), cipher.final()]))
  }
  writeFileSync(join(folder, 'key'), key)
  writeFileSync(join(folder, 'secret.m3u8'), ['#EXTM3U', '#EXT-X-MEDIA-SEQUENCE:3', '#EXT-X-KEY:METHOD=AES-128,URI="key"', ...pieces.flatMap((_, i) => ['#EXTINF:2,', `secret${i}.ts`]), '#EXT-X-ENDLIST', ''].join('\n'))
  const url = await serve(t, (path) => existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined)
  t.equal(pieces.length, 3)
  for (const name of ['plain', 'boxes', 'secret']) {
    const { context, folder: store } = transcribeContext(t, { session: { video_uri: `${url}/${name}.m3u8` } })
    await transcribe(context).catch((error: Error) => { t.match(error.message, /no words were heard/, name) })
    const wav = readdirSync(store).find((file) => file.endsWith('-audio.wav')) ?? ''
    const { seconds = 0 } = await probe(join(store, wav), folder, signal)
    t.ok(Math.abs(seconds - 6) < 0.3, `${name}: ${seconds} s of sound`)
  }
})

t.test('a playlist is read by its values, and refused where its text says more', async (t) => {
  const media = (...lines: string[]) => readPlaylist(['#EXTM3U', ...lines, '#EXT-X-ENDLIST'].join('\n'), 'video')
  t.same(media('#EXT-X-MAP:URI="i.mp4",BYTERANGE="10@5"', '#EXT-X-BYTERANGE:20@15', 'a.mp4', '#EXT-X-BYTERANGE:30', 'a.mp4', 'b.mp4'), {
    kind: 'media',
    pieces: [
      { uri: 'a.mp4', range: { offset: 15, length: 20 }, key: undefined, map: { uri: 'i.mp4', range: { offset: 5, length: 10 } } },
      { uri: 'a.mp4', range: { offset: 35, length: 30 }, key: undefined, map: { uri: 'i.mp4', range: { offset: 5, length: 10 } } },
      { uri: 'b.mp4', range: undefined, key: undefined, map: { uri: 'i.mp4', range: { offset: 5, length: 10 } } }
    ]
  })
  const iv = '000000000000000000000000000000ff'
  t.match(media('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0xff', 'a', '#EXT-X-KEY:METHOD=NONE', 'b'), { pieces: [{ key: { uri: 'k', iv: Buffer.from(iv, 'hex') } }, { key: undefined }] })
  const refused = (lines: string[], message: RegExp) => { t.throws(() => media(...lines), { code: 'INPUT_REFUSED', message }) }
  refused(['#EXTINF:1,\r/etc/passwd'], /control characters/)
  refused(['a\0b'], /control characters/)
  refused(['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"', 'a'], /protected/)
  refused(['#EXT-X-KEY:METHOD=AES-128,URI="k",IV=12', 'a'], /no valid IV/)
  refused(['#EXT-X-BYTERANGE:x', 'a'], /byte range/)
  refused(['#EXTINF:1,'], /without a piece/)
  t.throws(() => readPlaylist('#EXTM3U\nlow.ts\n', 'video'), /live stream/)
})

t.test('pieces are told by their first bytes', async (t) => {
  t.equal(kindOfPiece(Buffer.concat([Buffer.from([0x47]), Buffer.alloc(187), Buffer.from([0x47])])), 'ts')
  t.equal(kindOfPiece(Buffer.concat([Buffer.from([0x47]), Buffer.alloc(187), Buffer.from('x')])), undefined)
  t.equal(kindOfPiece(Buffer.from('\0\0\0\x18styp')), 'mp4')
  t.equal(kindOfPiece(Buffer.from('ID3\x04')), 'aac')
  t.equal(kindOfPiece(Buffer.from([0xff, 0xf1, 0])), 'aac')
  for (const text of ['#EXTM3U\n', '', '<?xml', 'ffconcat']) t.equal(kindOfPiece(Buffer.from(text)), undefined)
})
