import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import vm from 'node:vm'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import t from 'tap'
import { captionSentences } from '../../../../src/pipelines/councils/captions/caption-sentences.ts'
import { chooseCaptions } from '../../../../src/pipelines/councils/captions/choose.ts'
import { cue, type Cue } from '../../../../src/pipelines/councils/captions/cue.ts'
import { readCaptions } from '../../../../src/pipelines/councils/captions/read.ts'
import { toTranscript, wordText } from '../../../../src/pipelines/councils/model/tokens.ts'
import { TranscriptSchema, type Sentence, type Transcript } from '../../../../src/pipelines/councils/model/transcript.ts'

const data = resolve('../shared/data/cdp')
const skip = existsSync(data) ? false : 'the shared Council data is not on this machine'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const cuesOf = (given: string | Uint8Array): Cue[] => {
  const read = readCaptions(typeof given === 'string' ? bytes(given) : given)
  if ('problem' in read) throw new Error(read.problem)
  return read.cues
}
const wordsOf = (sentences: Sentence[]): string[] => sentences.flatMap(({ words }) => words.map(({ text }) => text))
const textsOf = (...texts: string[]): string[] => captionSentences(texts.map((text, i) => cue(i * 2, i * 2 + 2, text))).map(({ text }) => text)

/** What must hold for any captions. Answers what does not. */
function faults (sentences: Sentence[], cues: Cue[]): string[] {
  const words = sentences.flatMap((sentence) => sentence.words)
  return [
    ...sentences.filter(({ index }, i) => index !== i).map(({ index }) => `index ${index}`),
    ...sentences.filter((sentence) => sentence.words.some(({ index }, i) => index !== i)).map(({ index }) => `indices of the words of ${index}`),
    ...sentences.filter((sentence) => sentence.words.length === 0).map(({ index }) => `${index} has no words`),
    ...sentences.filter(({ text }) => />>|&gt;/.test(text)).map(({ text }) => `a mark in ${text}`),
    ...sentences.filter(({ start_time: start, end_time: end, words: own }) => start !== own[0]?.start_time || end !== own.at(-1)?.end_time).map(({ index }) => `times of ${index}`),
    ...words.filter(({ start_time: start, end_time: end }, i) => end < start || start < (words[i - 1]?.start_time ?? 0)).map(({ text }) => `${text} goes back in time`),
    ...words.filter(({ start_time: start, end_time: end }) => !cues.some(({ startTime, endTime }) => start >= startTime && end <= Math.max(startTime, endTime))).map(({ text }) => `${text} is in no cue`)
  ]
}

t.test('the files of the web platform tests are read as browsers read them', { skip }, async (t) => {
  const folder = join(data, 'vtt-suite-wpt')
  const names = readdirSync(folder).filter((name) => name.endsWith('.vtt'))
  const wrong: string[] = []
  for (const name of names) {
    const cues = cuesOf(readFileSync(join(folder, name)))
    const assert = (found: unknown, wanted: unknown): void => { if (found !== wanted) wrong.push(`${name}: ${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`) }
    vm.runInNewContext(readFileSync(join(folder, name.replace('.vtt', '.js')), 'utf8'), { cues, assert_equals: assert })
  }
  t.same(wrong, [])
  t.equal(names.length, 23)
})

t.test('what lies in no suite: no signature, and files of other kinds', async (t) => {
  t.match(readCaptions(bytes('WEBVTTjunk\n\nhello')), { problem: 'it is neither WebVTT nor SRT nor TTML' })
  t.match(readCaptions(bytes('  \n')), { problem: 'it is empty' })
  t.match(readCaptions(bytes('<!DOCTYPE html><html><body>Not found</body></html>')), { problem: 'it is a web page' })
  t.match(readCaptions(bytes('<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><p>open</tt>')), { problem: /^it is not well-formed TTML: / })
  t.match(readCaptions(bytes('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello')), { format: 'WebVTT' })
})

t.test('SRT gives the same cues, whatever is missing in it', async (t) => {
  const wanted = [{ startTime: 1.5, endTime: 2, text: 'First line\nsecond line' }, { startTime: 3, endTime: 4.25, text: '42' }]
  const files = {
    plain: '1\n00:00:01,500 --> 00:00:02,000\nFirst line\nsecond line\n\n2\n00:00:03,000 --> 00:00:04,250\n42\n',
    'byte order mark and CR LF': '\ufeff1\r\n00:00:01,500 --> 00:00:02,000\r\nFirst line\r\nsecond line\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,250\r\n42\r\n',
    'CR only': '1\r00:00:01,500 --> 00:00:02,000\rFirst line\rsecond line\r\r2\r00:00:03,000 --> 00:00:04,250\r42\r',
    'no indices': '00:00:01,500 --> 00:00:02,000\nFirst line\nsecond line\n\n00:00:03,000 --> 00:00:04,250\n42',
    'no blank line': '1\n00:00:01,500 --> 00:00:02,000\nFirst line\nsecond line\n2\n00:00:03,000 --> 00:00:04,250\n42',
    'short times': '1\n0:1,5-->0:2\nFirst line\nsecond line\n\n2\n0:00:03.0 --> 0:00:04.25 X1:40\n42'
  }
  for (const [name, text] of Object.entries(files)) t.match(cuesOf(text), wanted, name)
  t.match(cuesOf(Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nSe\xf1or', 'latin1')), [{ text: 'Señor' }])
  t.match(cuesOf(Buffer.from('\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nSeñor', 'utf16le')), [{ text: 'Señor' }])
  const started = performance.now()
  t.match(readCaptions(bytes(`${'9'.repeat(100_000)}${' '.repeat(100_000)}`)), { problem: /neither/ })
  cuesOf(`WEBVTT\n\n${'00:00.000 --> 00:01.000\nhello <b>there</b>\n\n'.repeat(50_000)}`)
  t.ok(performance.now() - started < 5000, 'in a time that grows with the length alone')
})

t.test('TTML gives the same cues, by every way to tell the time', async (t) => {
  const document = (body: string, attributes = ''): string => `<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "aaaa">]><tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ${attributes}><tt:body>${body}</tt:body></tt:tt>`
  t.match(cuesOf(document('<tt:div begin="10s"><tt:p begin="00:00:01.5" dur="500ms">One &gt;&gt; <tt:span>two</tt:span><tt:br/>three</tt:p><tt:p begin="3s"><![CDATA[4 < 5 & 6]]></tt:p><tt:p begin="5s" end="6s">end</tt:p></tt:div>')), [
    { startTime: 11.5, endTime: 12, text: 'One &gt;&gt; two\nthree' }, { startTime: 13, endTime: 15, text: '4 &lt; 5 &amp; 6' }, { startTime: 15, endTime: 16, text: 'end' }
  ])
  t.match(cuesOf(document('<tt:p begin="00:00:01:15" end="75f">frames</tt:p>', 'ttp:frameRate="30"')), [{ startTime: 1.5, endTime: 2.5 }])
  t.match(cuesOf(document('<tt:p begin="20000000t" end="25000000t">ticks</tt:p>', 'ttp:tickRate="10000000"')), [{ startTime: 2, endTime: 2.5 }])
  t.match(cuesOf(document('<tt:p begin="1s" end="9s">a <tt:span begin="1s" end="2s">b</tt:span></tt:p>')), [{ startTime: 1, endTime: 9, text: 'a' }, { startTime: 2, endTime: 3, text: 'b' }])
})

t.test('the Seattle captions come out as the original has them', { skip }, async (t) => {
  const cues = cuesOf(readFileSync(join(data, 'captions/seattle_2019_short.vtt')))
  const { sentences: expected } = JSON.parse(readFileSync(join(data, 'captions/seattle_2019_short.expected.json'), 'utf8')) as Transcript
  const sentences = captionSentences(cues)
  const shape = (given: Sentence[]) => given.map(({ text, start_time: start, end_time: end, speaker_index: speaker, words }) => ({ text: text.toLowerCase().replace(/ *-- */g, '--'), start, end, speaker, words: words.map((word) => word.text) }))
  t.same(shape(sentences), shape(expected))
  t.same(faults(sentences, cues), [])
  t.equal(sentences[2]?.text, 'Thanks for being here for our regular scheduled briefing on July 15.')
})

t.test('the Boston captions begin where somebody speaks, with every word in its own cue', { skip }, async (t) => {
  const cues = cuesOf(readFileSync(join(data, 'captions/boston_short.vtt')))
  const { sentences: expected } = JSON.parse(readFileSync(join(data, 'captions/boston_short.expected.json'), 'utf8')) as Transcript
  const sentences = captionSentences(cues)
  t.same(sentences.map(({ text }) => text.toLowerCase()), expected.map(({ text }) => text.toLowerCase()))
  t.equal(sentences[0]?.start_time, 40.337)
  t.same(faults(sentences, cues), [])
  t.same(wordsOf(sentences), cues.flatMap(({ text }) => text.split(/\s+/)).map(wordText).filter((word) => word !== ''))
  const transcript = toTranscript(sentences, { generator: 'test', sessionDatetime: null, now: new Date(0) })
  t.ok(Value.Check(TranscriptSchema, transcript))
  t.equal(transcript.confidence, 0.97)
})

t.test('our transcripts have the shape of the original\'s', { skip }, async (t) => {
  for (const name of ['whisper_transcript_example', 'transcript_a', 'transcript_b']) {
    const original = JSON.parse(readFileSync(join(data, `index/${name}.json`), 'utf8')) as Transcript
    t.same([...Value.Errors(TranscriptSchema, original)], [], name)
    const ours = toTranscript(captionSentences([cue(0, 1, 'One.')]), { generator: 'test', sessionDatetime: null, now: new Date(0) })
    t.same(Object.keys(ours).sort(), Object.keys(original).sort())
    t.same(Object.keys(ours.sentences[0]!).sort(), Object.keys(original.sentences[0]!).sort())
    t.same(Object.keys(ours.sentences[0]!.words[0]!).sort(), Object.keys(original.sentences[0]!.words[0]!).sort())
  }
})

t.test('a mark begins a speaker anywhere in a cue, raw or escaped, and no text around it is lost', async (t) => {
  const sentences = captionSentences([cue(0, 2, 'SO MOVED. >> SECOND. &gt;&gt;&gt; ALL'), cue(2, 4, 'IN FAVOR?>>AYE.'), cue(4, 6, '&amp;gt;&amp;gt; NO.'), cue(6, 8, '<v Ms. Juarez>Thank you.</v> <v.loud Clerk>Next.')])
  t.same(sentences.map(({ speaker_index: speaker, speaker_name: name, text }) => [speaker, name, text.toLowerCase()]), [
    [0, null, 'so moved.'], [1, null, 'second.'], [2, null, 'all in favor?'], [3, null, 'aye.'], [4, null, 'no.'], [5, 'Ms. Juarez', 'thank you.'], [6, 'Clerk', 'next.']
  ])
})

t.test('tags, entities, music and stray dashes', async (t) => {
  t.same(textsOf('<i>Caf&eacute;</i> &amp; <c.yellow>bar<00:00:01.000>s</c> ♪ - 4 < 5&#33;'), ['Café & bars 4 < 5!'])
  t.same(textsOf('It costs roughly$ 19 today.'), ['It costs roughly $19 today.'])
  t.same(captionSentences([cue(0, 2, '♪♪'), cue(2, 3, '-'), cue(3, 4, ' \n '), cue(4, 5, '...')]), [])
})

t.test('a sentence ends at its mark inside a line, and not at an abbreviation', async (t) => {
  t.same(textsOf('Good morning. Mr. Smith is here', 'at 9 a.m. on Dr. King Jr.', 'Blvd. Is it? Yes! The U.S. The end'), ['Good morning.', 'Mr. Smith is here at 9 a.m. on Dr. King Jr. Blvd.', 'Is it?', 'Yes!', 'The U.S.', 'The end'])
  t.same(textsOf('WE MEET AT 9:30 A.M.', 'MONDAY WITH MS. O\'BRIEN. IT IS J. SMITH', 'WHO SPEAKS. "RIGHT." NO. 5 PASSED.'), ["We meet at 9:30 a.m. Monday with ms. o'brien.", 'It is j. smith who speaks.', '"Right."', 'No. 5 passed.'])
  const flat = captionSentences(Array.from({ length: 200 }, (_, i) => cue(i * 2 + (i >= 100 ? 5 : 0), i * 2 + 2 + (i >= 100 ? 5 : 0), 'one two three')))
  t.ok(flat.length > 5, 'a text without any mark is cut')
  t.ok(flat.some(({ end_time: end }) => end === 200), 'at a pause')
})

t.test('rolling captions are said once, repeated words as often as they are said', async (t) => {
  const lines = ['good morning', 'this is', 'the council', 'of the', 'city of', 'seattle and', 'of the', 'county']
  const rolling = lines.map((_, i) => cue(i, i + 1, lines.slice(Math.max(0, i - 2), i + 1).join('\n')))
  t.same(wordsOf(captionSentences(rolling)), lines.join(' ').split(' '))
  const growing = [cue(0, 1, 'I'), cue(1, 2, 'I move'), cue(2, 3, 'I move to'), cue(3, 4, 'I move to approve'), cue(4, 5, 'I move to approve it')]
  t.same(wordsOf(captionSentences(growing)), ['i', 'move', 'to', 'approve', 'it'])
  const calls = ['Aye.', 'Aye.', 'Aye.', 'Nay.', 'Nay.', 'Aye.'].map((text, i) => cue(i, i + 1, text))
  t.same(wordsOf(captionSentences(calls)), ['aye', 'aye', 'aye', 'nay', 'nay', 'aye'])
})

t.test('any cues: every word once and in order, timed in its own cue', async (t) => {
  const word = fc.constantFrom('aye', 'no', 'Mr.', 'council', "don't", 'CB-120', 'U.S.', 'end.', 'what?', '--', '&amp;', 'Señor', '"quote"', '4')
  const mark = fc.constantFrom('>>', '&gt;&gt;', '≫', '»', '<i>', '</i>', '♪', '-')
  const text = fc.array(fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: mark }), { maxLength: 12 })
  const times = fc.record({ gap: fc.integer({ min: -1500, max: 3000 }), length: fc.integer({ min: -100, max: 5000 }) })
  fc.assert(fc.property(fc.array(fc.record({ text, times, lines: fc.boolean() }), { maxLength: 20 }), (given) => {
    let clock = 0
    const cues = given.map((one, i) => {
      clock = Math.max(0, clock + one.times.gap)
      // A word of its own in each cue: what rolls is another matter.
      return cue(clock / 1000, (clock + one.times.length) / 1000, [`w${i}`, ...one.text, `x${i}`].join(one.lines ? '\n' : ' '))
    })
    const sentences = captionSentences(cues)
    const inOrder = cues.map((one, i) => ({ ...one, i })).sort((one, other) => one.startTime - other.startTime)
    const wanted = inOrder.flatMap((one) => [`w${one.i}`, ...given[one.i]!.text, `x${one.i}`]).filter((one) => !/^(>>|(&gt;)+|≫|»|<\/?i>|♪|-)$/.test(one)).map((one) => wordText(one.replace('&amp;', '&'))).filter((one) => one !== '')
    const found = wordsOf(sentences)
    return JSON.stringify(found) === JSON.stringify(wanted) && faults(sentences, cues).length === 0
  }), { numRuns: 500 })
  const line = fc.array(fc.constantFrom('aye', 'no', 'the', 'council', 'ok.'), { minLength: 1, maxLength: 5 })
  fc.assert(fc.property(fc.array(line, { minLength: 6, maxLength: 30 }), fc.integer({ min: 2, max: 3 }), (given, height) => {
    const lines = given.map((words, i) => [...words, `w${i}`])
    const cues = lines.map((_, i) => cue(i, i + 1, lines.slice(Math.max(0, i - height + 1), i + 1).map((words) => words.join(' ')).join('\n')))
    return wordsOf(captionSentences(cues)).join(' ') === lines.flat().map(wordText).join(' ')
  }), { numRuns: 200 })
  t.pass('500 lists of cues, 200 that roll')
})

t.test('captions are refused with the reason', async (t) => {
  const choose = (text: string, seconds = 10, trim = { start: null as number | null, end: null as number | null }) => chooseCaptions(bytes(text), { seconds, trim }, 0.2)
  const file = (...cues: string[]): string => `WEBVTT\n\n${cues.join('\n\n')}\n`
  t.match(choose(''), { problem: 'it is empty', facts: { cues: 0 } })
  t.match(choose(file()), { problem: 'it has no cues (WebVTT)' })
  t.match(choose(file('00:00.000 --> 00:10.000\n♪ ♪')), { problem: 'its 1 cues have no words', facts: { cues: 1, words: 0 } })
  t.match(choose(file('00:00.000 --> 00:03.000\nhello there')), { problem: 'its 1 cues cover 3 s of 10 s, which is not within 20 %', facts: { covered_seconds: 3, video_seconds: 10 } })
  t.match(choose(file('00:00.000 --> 00:13.000\nhello there')), { problem: /cover 13 s of 10 s/ })
  t.match(choose(file('00:00.500 --> 00:09.000\nhello there')), { format: 'WebVTT', sentences: [{ text: 'Hello there' }], facts: { words: 2 } })
  const whole = file('00:00.000 --> 00:10.000\nbefore', '00:10.000 --> 00:20.000\nwithin', '00:20.000 --> 00:30.000\nafter')
  t.match(choose(whole, 10, { start: 10, end: 20 }), { sentences: [{ text: 'Within', start_time: 0, end_time: 10 }] })
})
