import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { commandSpeech } from '../../../../src/pipelines/councils/speech/command.ts'
import { readCommandAnswer } from '../../../../src/pipelines/councils/speech/command-answer.ts'
import { promptOf, transcribeSpeech, type SpeechEngine } from '../../../../src/pipelines/councils/speech/engine.ts'
import { readAnswer, type Heard } from '../../../../src/pipelines/councils/speech/openai-answer.ts'
import { makePieces, timeInWhole } from '../../../../src/pipelines/councils/speech/pieces.ts'
import { pocketsphinx } from '../../../../src/pipelines/councils/speech/pocketsphinx.ts'
import { findVoice } from '../../../../src/pipelines/councils/speech/voice.ts'
import { openWav, type Wav } from '../../../../src/pipelines/councils/speech/wav.ts'
import { transcribe } from '../../../../src/pipelines/councils/transcribe.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { DATA } from '../../../fixtures/places.ts'
import { councilCase, noCases } from '../fixtures/cases.ts'
import { transcribeContext } from '../fixtures/transcribe-context.ts'

const media = join(DATA, 'cdp', 'media')
const clip = join(media, 'sense_and_sensibility_01_austen_64kb-0880.wav')
const noSpeech = !existsSync(media) ? 'the shared council data is not on this machine' : spawnSync('which', ['pocketsphinx_continuous']).status === 0 ? false : 'there is no pocketsphinx on this machine'
const make = (...args: string[]): void => { execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]) }
const textsOf = (heard: Heard | undefined): string[] => heard?.words.map(({ text }) => text) ?? ['no answer']
const run = (folder: string) => ({ folder, signal: new AbortController().signal, log: () => {}, progress: () => {} })

for (const name of ['word-without-an-end', 'nothing-but-a-loop']) {
  t.test(`answers of the cases: ${name}`, { skip: noCases }, async (t) => {
    const { input, expected } = councilCase<{ seconds: number, answer: unknown }, { texts: string[] }>(`speech-${name}`)
    const heard = readAnswer(input.answer, input.seconds)
    t.same(textsOf(heard), expected.texts)
    const times = heard?.words.flatMap(({ start, end }) => [start, end]) ?? []
    t.same(times, [...times].sort((one, other) => one - other))
  })
}

t.test('what an engine makes of silence is no words, what it is sure of stays', async (t) => {
  const segment = (start: number, text: string, more: object = {}) => ({ start, end: start + 5, text, ...more })
  const heard = (segments: object[], more: object = {}): string => textsOf(readAnswer({ segments, ...more }, 60)).join(' ')
  t.equal(heard([segment(0, ' Good evening.'), segment(5, ' Thank you.', { avg_logprob: -1.2, no_speech_prob: 0.9 })]), 'Good evening.')
  t.equal(heard([segment(0, ' Good evening.', { avg_logprob: -0.2, no_speech_prob: 0.9 })]), 'Good evening.', 'sure of its words')
  t.equal(heard([segment(0, ' So so so.', { compression_ratio: 3 })]), '')
  t.equal(heard([segment(0, ` ${'and the board '.repeat(40)}`)]), '', 'the ratio of its own text where the server says none')
  t.equal(heard([...[0, 5, 10, 15].map((start) => segment(start, ' Subtitles by a friend.')), segment(20, ' We begin.')]), 'Subtitles by a friend. We begin.')
  t.equal(heard([0, 5, 10, 15, 20].map((start) => segment(start, ' Aye.'))), 'Aye. Aye. Aye. Aye. Aye.', 'a roll call is no loop')
  t.equal(heard([segment(0, '[BLANK_AUDIO]'), segment(5, ' (inaudible) Here.')]), 'Here.')
  const words = [{ word: 'Hello', start: 0, end: 1 }, { word: 'Bye', start: 6, end: 7 }]
  t.equal(heard([segment(0, ' Hello'), segment(5, ' Bye', { avg_logprob: -2, no_speech_prob: 0.99 })], { text: 'Hello Bye', words }), 'Hello', 'the words of what is left out go with it')
  const loop = Array.from({ length: 60 }, (_, i) => ({ word: ['thank', 'you'][i % 2], start: i, end: i + 0.5 }))
  t.equal(textsOf(readAnswer({ words: loop }, 60)).join(' '), 'thank you')
})

t.test('ends and begins that are missing are those of the neighbours', async (t) => {
  t.match(readAnswer({ text: 'a b c', words: [{ word: 'a' }, { word: 'b', start: 2 }, { word: 'c', start: '3', end: null }] }, 5)?.words, [{ text: 'a', start: 0, end: 2 }, { text: 'b', start: 2, end: 3 }, { text: 'c', start: 3, end: 3 }])
})

t.test('answers of programs: whisper.cpp, faster-whisper, vosk', async (t) => {
  const cpp = JSON.stringify({ result: { language: 'en' }, transcription: [{ timestamps: {}, offsets: { from: 0, to: 1000 }, text: ' Good evening.', tokens: [{ text: '[_BEG_]', offsets: { from: 0, to: 0 } }, { text: ' Good', offsets: { from: 0, to: 400 } }, { text: ' evening', offsets: { from: 400, to: 900 } }, { text: '.', offsets: { from: 900, to: 1000 } }] }, { offsets: { from: 1000, to: 2000 }, text: ' [BLANK_AUDIO]' }] })
  t.match(readCommandAnswer(cpp, 2)?.words, [{ text: 'Good', start: 0, end: 0.4 }, { text: 'evening.', start: 0.4, end: 0.9 }])
  const faster = ['loading', JSON.stringify({ segments: [{ start: 0, end: 1, text: ' Good evening.', avg_logprob: -0.1, words: [{ word: ' Good', start: 0, end: 0.4, probability: 0.9 }, { word: ' evening.', start: 0.4, end: 1, probability: 0.9 }] }] })].join('\n')
  t.match(readCommandAnswer(faster, 1)?.words, [{ text: 'Good', end: 0.4 }, { text: 'evening.', start: 0.4 }])
  const lines = [{ start: 0, end: 1, text: 'Good' }, { start: 1, end: 2, text: 'evening.' }].map((one) => JSON.stringify(one)).join('\n')
  t.match(readCommandAnswer(lines, 2)?.words, [{ text: 'Good', end: 1 }, { text: 'evening.', start: 1 }], 'a segment on each line')
  const vosk = [{ result: [{ conf: 1, start: 0, end: 0.4, word: 'good' }, { conf: 0.5, start: 0.4, end: 1, word: 'evening' }], text: 'good evening' }, { text: '' }].map((one) => JSON.stringify(one, null, 2)).join('\n')
  t.match(readCommandAnswer(vosk, 1), { words: [{ text: 'good', end: 0.4 }, { text: 'evening', start: 0.4 }], probability: 0.75 })
  t.equal(readCommandAnswer('no json', 1), undefined)
})

t.test('a command of the operator is given the audio, and its answer is read from a file or from its output', { skip: noSpeech }, async (t) => {
  const folder = temporaryFolder(t)
  const wav = await openWav(clip)
  const script = (name: string, code: string): string => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${code}\n`, { mode: 0o755 })
    return path
  }
  const listen = async (command: string[], more: object = {}) => await transcribeSpeech(commandSpeech({ command, timeoutMs: 30_000, ...more }), wav, { sessionDatetime: null }, { ...run(folder), vocabulary: ['Member Peña'] })
  const answer = '{"text":"One two.","words":[{"word":"One","start":0,"end":1},{"word":"two","start":1,"end":2}]}'
  const writes = script('whisper', `test -s "$1" && printf '%s' "$3 $4" > ${folder}/said && printf '%s' '${answer}' > "$2.json"`)
  t.match(await listen([writes, '{wav}', '{output}', '{language}', '{prompt}'], { language: 'en', confidence: 0.8 }), { confidence: 0.8, generator: 'Signalbox speech to text 1.0.0 -- whisper', sentences: [{ text: 'One two.', start_time: 0, end_time: 2 }] })
  t.equal(readFileSync(join(folder, 'said'), 'utf8'), 'en Member Peña.')
  const big = script('prints', `head -c 400000 /dev/zero | tr '\\0' ' '; printf '%s' '${answer}'`)
  t.match(await listen([big, '/models/ggml-medium.en.bin']), { confidence: 0.71, sentences: [{ text: 'One two.' }] }, 'however much it prints')
  await t.rejects(listen([script('mute', 'true')]), { code: 'FINAL', message: /wrote no transcription/ })
  await t.rejects(listen(['no-such-program']), { code: 'FINAL', message: /not installed/ })
})

async function wavOf (t: Test, ...args: string[]): Promise<Wav> {
  const path = join(temporaryFolder(t), 'a.wav')
  make(...args, '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', path)
  return await openWav(path)
}

t.test('silence is left out, and the times are those of the whole', { skip: noSpeech }, async (t) => {
  const { signal } = new AbortController()
  const silent = await wavOf(t, '-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-t', '20')
  t.same((await findVoice(silent, signal)).spans, [])
  const noise = await wavOf(t, '-f', 'lavfi', '-i', 'anoisesrc=a=0.0005:r=16000', '-t', '20')
  t.same((await findVoice(noise, signal)).spans, [], 'the noise of an empty room')
  const long = await wavOf(t, '-i', clip, '-f', 'lavfi', '-t', '60', '-i', 'anullsrc=r=16000:cl=mono', '-i', clip, '-filter_complex', '[0][1][2]concat=n=3:v=0:a=1')
  const voice = await findVoice(long, signal)
  t.equal(voice.spans.length, 2)
  const [piece] = makePieces(voice, 600)
  t.ok((piece?.seconds ?? 0) < 10, `${piece?.seconds} s are sent of ${long.seconds} s`)
  const second = voice.spans[1]?.start ?? 0
  t.ok(Math.abs(timeInWhole(piece!, (voice.spans[0]?.end ?? 0) + 0.25) - second - 0.25) < 0.01)
  let asked = 0
  const engine: SpeechEngine = { generator: 'none', key: 'none', listen: async () => { asked++; return [] } }
  await t.rejects(transcribeSpeech(engine, silent, { sessionDatetime: null }, run(temporaryFolder(t))), { code: 'FINAL', message: 'no words were heard in 20.0 s of audio (none)' })
  t.equal(asked, 0)
  t.equal(promptOf(['Ada', 'Ben']), 'Ada, Ben.')
  t.equal(promptOf([]), undefined)
  t.ok((promptOf(Array.from({ length: 500 }, (_, i) => `Member ${i}`))?.length ?? 0) <= 802)
})

t.test('sounds of any length are transcribed', { skip: noSpeech, timeout: 200_000 }, async (t) => {
  for (const samples of [40_001, 41_119, 33_333]) {
    const wav = await wavOf(t, '-i', clip, '-af', `atrim=end_sample=${samples}`)
    const transcript = await transcribeSpeech(pocketsphinx, wav, { sessionDatetime: null }, run(temporaryFolder(t)))
    t.ok(transcript.sentences.length > 0, `${wav.seconds} s`)
  }
})

t.test('of two tracks the one with sound is transcribed, and said which', { skip: noSpeech, timeout: 200_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const video = join(folder, 'two.mp4')
  const inputs = ['-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=3', '-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-i', clip]
  for (const suffix of ['mp4', 'mkv']) {
    const path = video.replace('mp4', suffix)
    make(...inputs, '-map', '0:v', '-map', '1:a', '-map', '2:a', '-t', '3', '-c:v', 'libx264', '-c:a', 'aac', '-disposition:a:0', 'default', '-disposition:a:1', 'default', path)
    const { context } = transcribeContext(t, { folders: [folder], session: { video_uri: path } })
    const { output } = await transcribe(context) as { output: { transcript: { words: number }, notes: string[] } }
    t.ok(output.transcript.words > 3, suffix)
    t.same(output.notes, ['of 2 tracks of sound number 2 was taken'])
  }
})

t.test('where nothing is heard, the failure says why the captions were refused, too', { skip: noSpeech }, async (t) => {
  const folder = temporaryFolder(t)
  make('-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=2', '-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-t', '2', '-c:v', 'libx264', '-c:a', 'aac', join(folder, 'silent.mp4'))
  writeFileSync(join(folder, 'a.txt'), 'this is no caption file')
  const { context } = transcribeContext(t, { folders: [folder], session: { video_uri: join(folder, 'silent.mp4'), caption_uri: join(folder, 'a.txt') } })
  await t.rejects(transcribe(context), { code: 'FINAL', message: /^no words were heard in 2\.\d s of audio .*; the caption file was refused: it is neither WebVTT/ })
})
