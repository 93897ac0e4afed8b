import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Transcript } from '../../../../src/pipelines/councils/model/transcript.ts'
import { transcribe } from '../../../../src/pipelines/councils/transcribe.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { transcribeContext, type TranscribeTrial } from '../fixtures/transcribe-context.ts'
import { makeCaptionedVideo } from './fixtures/closed-captions.ts'

const skip = spawnSync('which', ['ffmpeg']).status === 0 ? false : 'there is no ffmpeg on this machine (Debian: apt-get install ffmpeg)'
const make = (...args: string[]): void => { execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]) }

const CAPTIONS = `1
00:00:00,100 --> 00:00:04,000
>> MAYOR ITO: Good morning & welcome <b>to all</b>.

2
00:00:04,000 --> 00:00:07,800
[Applause] The ferry of 5 o'clock
is late.
`
const WORDS = { 0: '>> GOOD MORNING EVERYONE.', 3: 'THE COUNCIL', 5: 'COMES TO ORDER.', 7: '' }

type Made = { output: { transcript: { source: string, reason: string, generator: string, file: string }, captions: { format: string }, notes: string[] }, texts: string[], transcript: Transcript }

async function run (t: Test, trial: TranscribeTrial): Promise<Made> {
  const { context, folder } = transcribeContext(t, trial)
  const output = (await transcribe(context)).output as Made['output']
  const transcript = JSON.parse(readFileSync(join(folder, output.transcript.file), 'utf8')) as Transcript
  return { output, transcript, texts: transcript.sentences.map(({ text }) => text) }
}

t.test('a track of captions inside the video is the transcript where the session names no file, or a bad one', { skip, timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const bare = makeCaptionedVideo(folder, 8, {})
  writeFileSync(join(folder, 'a.srt'), CAPTIONS)
  writeFileSync(join(folder, 'few.srt'), '1\n00:00:01,000 --> 00:00:02,000\nOnly this.\n')
  writeFileSync(join(folder, 'empty.vtt'), 'WEBVTT\n')
  const video = join(folder, 'tracks.mp4')
  make('-i', bare, '-i', join(folder, 'few.srt'), '-i', join(folder, 'a.srt'), '-map', '0', '-map', '1', '-map', '2', '-c', 'copy', '-c:s', 'mov_text', '-disposition:s:0', '0', '-disposition:s:1', 'default', video)
  const { output, texts, transcript } = await run(t, { folders: [folder], session: { video_uri: video } })
  t.match(output.transcript, { source: 'captions', reason: /^Embedded mov_text captions: 2 cues, 14 words, 7 s of 8/, generator: 'Signalbox captions 1.0.0 -- Embedded mov_text' })
  t.same(texts, ['MAYOR ITO: Good morning & welcome to all.', 'The ferry of 5 o\'clock is late.'])
  t.match(transcript.sentences[0], { speaker_name: 'MAYOR ITO' })
  const beside = await run(t, { folders: [folder], session: { video_uri: video, caption_uri: join(folder, 'empty.vtt') } })
  t.same(beside.texts, texts)
  t.ok(beside.output.notes.includes('the caption file was refused: it has no cues (WebVTT)'))
  const cut = await run(t, { folders: [folder], session: { video_uri: video, video_start_time: '00:00:04' }, params: { caption_tolerance: 0.3 } })
  t.same(cut.texts, ['The ferry of 5 o\'clock is late.'])
  t.equal(cut.transcript.sentences[0]?.start_time, 0)

  const matroska = join(folder, 'tracks.mkv')
  make('-i', bare, '-i', join(folder, 'a.srt'), '-map', '0', '-map', '1', '-c', 'copy', '-c:s', 'srt', matroska)
  t.same((await run(t, { folders: [folder], session: { video_uri: matroska } })).texts, texts, 'also where the video is made into mp4')
})

t.test('closed captions (CEA-608) of the pictures are the transcript where there is nothing else', { skip, timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const video = makeCaptionedVideo(folder, 8, WORDS)
  const { output, texts } = await run(t, { folders: [folder], session: { video_uri: video } })
  t.match(output.transcript, { source: 'captions', reason: /^Embedded CEA-608 captions: 3 cues, 8 words/ })
  t.same(texts, ['Good morning everyone.', 'The council comes to order.'])
  const streamed = join(folder, 'captioned.ts')
  make('-i', video, '-c', 'copy', streamed)
  t.same((await run(t, { folders: [folder], session: { video_uri: streamed } })).texts, texts, 'also of a transport stream')
})

t.test('captions inside the video that cannot be the transcript are told', { skip, timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const video = join(folder, 'silent.mp4')
  writeFileSync(join(folder, 'few.srt'), '1\n00:00:01,000 --> 00:00:02,000\nOnly this.\n')
  make('-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=8', '-i', join(folder, 'few.srt'), '-map', '0', '-map', '1', '-c:v', 'libx264', '-c:s', 'mov_text', video)
  await t.rejects(run(t, { folders: [folder], session: { video_uri: video } }), {
    code: 'FINAL',
    message: 'the session has no captions; mov_text inside the video: its 1 cues cover 1 s of 8 s, which is not within 20 %, and the video has no sound to listen to'
  })
})
