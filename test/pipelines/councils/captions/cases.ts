import t from 'tap'
import { chooseCaptions, type CaptionChoice } from '../../../../src/pipelines/councils/captions/choose.ts'
import { councilCase, noCases } from '../fixtures/cases.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const choose = (text: string | Uint8Array, seconds: number, persons: string[] = []): CaptionChoice => chooseCaptions(typeof text === 'string' ? bytes(text) : text, { seconds, trim: { start: null, end: null } }, 0.2, persons)
const sentencesOf = (choice: CaptionChoice) => {
  if ('problem' in choice) throw new Error(choice.problem)
  return choice.sentences
}
const wordsOf = (choice: CaptionChoice): string[] => sentencesOf(choice).flatMap(({ words }) => words.map(({ text }) => text))

type Input = { text: string, video_seconds: number }
type Expected = { words?: string[], speakers?: number, speaker_names?: Array<string | null>, refused?: boolean }

for (const name of ['roll-up-then-pop-on', 'two-cues-in-two-hours', 'srt-position-tags', 'blank-line-below-the-times', 'sbv', 'vtt-with-comma-times', 'speaker-names']) {
  t.test(`captions of the cases: ${name}`, { skip: noCases }, async (t) => {
    const { input, expected } = councilCase<Input, Expected>(`captions-${name}`)
    const choice = choose(input.text, input.video_seconds)
    t.equal('problem' in choice, expected.refused === true)
    if (expected.words !== undefined) t.same(wordsOf(choice), expected.words)
    if (expected.speakers !== undefined) t.equal(new Set(sentencesOf(choice).map((one) => one.speaker_index)).size, expected.speakers)
    if (expected.speaker_names !== undefined) t.same(sentencesOf(choice).map((one) => one.speaker_name), expected.speaker_names)
  })
}

const cue = (start: number, end: number, text: string): string => `${clock(start)} --> ${clock(end)}\n${text}\n\n`
const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 23)
const file = (...cues: string[]): string => `WEBVTT\n\n${cues.join('')}`
/** A meeting that is spoken of from end to end, ten words in ten seconds. */
const spoken = (from: number, to: number, text = (i: number) => `one two three four five six seven eight nine w${i}`): string[] => Array.from({ length: Math.floor((to - from) / 10) }, (_, i) => cue(from + i * 10, from + i * 10 + 9, text(i)))

t.test('captions are judged by what they hold, not by where they end', async (t) => {
  const problemOf = (text: string, seconds: number): string | undefined => {
    const choice = choose(text, seconds)
    return 'problem' in choice ? choice.problem : undefined
  }
  t.equal(problemOf(file(...spoken(0, 3600)), 3600), undefined)
  t.match(problemOf(file(cue(0, 5, 'Good evening.'), cue(7190, 7195, 'Good night.')), 7200), 'its 4 words in 7200 s are 0 a minute, fewer than any meeting has')
  t.match(problemOf(file(...Array.from({ length: 60 }, (_, i) => cue(i * 120, i * 120 + 60, `number ${i} of five words`))), 7200), /a minute, fewer than any meeting has/)
  t.match(problemOf(file(...spoken(0, 1500), ...spoken(6600, 7200)), 7200), /^nothing is said in it for 5101(\.\d)? s of 7200 s$/)
  t.equal(problemOf(file(...spoken(0, 1800), ...spoken(3600, 7200)), 7200), undefined, 'a recess of half an hour is none')
  t.match(problemOf(file(...spoken(0, 3600, () => 'captions are not available for this meeting, we are sorry for it')), 3600), 'its 360 cues repeat 1 texts')
  t.equal(problemOf(file(cue(0, 3, 'Here.'), cue(20, 55, 'Here.')), 55), undefined, 'a short video says little')
})

t.test('what rolls is told once in each stretch of its own, and what is said twice stays', async (t) => {
  const roll = (lines: string[], from: number): string[] => lines.map((_, i) => cue(from + i * 2, from + i * 2 + 2, lines.slice(Math.max(0, i - 1), i + 1).join('\n')))
  const first = ['GOOD EVENING.', 'WE BEGIN.', 'THE ROLL PLEASE.', 'MEMBER VANCE?']
  const second = ['BACK ON THE RECORD.', 'THE NEXT ITEM', 'IS THE LEASE.', 'WHO SECONDS?']
  const calls = ['AYE.', 'AYE.', 'NAY.', 'AYE.', 'AYE.', 'AYE.', 'NO.', 'AYE.', 'AYE.', 'AYE.']
  const text = file(...roll(first, 0), ...calls.map((call, i) => cue(8 + i * 2, 10 + i * 2, call)), ...roll(second, 28))
  t.equal(wordsOf(choose(text, 36)).join(' '), [...first, ...calls, ...second].join(' ').toLowerCase().replace(/[.?]/g, ''))
  const pair = file(cue(0, 2, 'AYE.'), cue(2, 4, 'AYE.\nTHE MOTION CARRIES.'), cue(4, 6, 'THANK YOU ALL.'))
  t.equal(wordsOf(choose(pair, 6)).join(' '), 'aye aye the motion carries thank you all', 'one step is no roll')
})

const EXPECTED = 'good evening señor peña the fee is 4 dollars'
const SAID = ['Good evening, Señor Peña.', 'The fee is < 4 dollars.']

t.test('every format gives the same words at the same times', async (t) => {
  const pair = (write: (text: string, i: number) => string): string => SAID.map(write).join('')
  const formats: Record<string, string | Uint8Array> = {
    WebVTT: `WEBVTT\n\n${pair((text, i) => `00:0${i * 4}.000 --> 00:0${i * 4 + 4}.000\n${text.replace('<', '&lt;')}\n\n`)}`,
    SRT: pair((text, i) => `${i + 1}\n00:00:0${i * 4},000 --> 00:00:0${i * 4 + 4},000\n{\\an8}<b>${text}</b>\n\n`),
    SubViewer: pair((text, i) => `0:00:0${i * 4}.000,0:00:0${i * 4 + 4}.000\n${text}\n\n`),
    SAMI: `<SAMI><HEAD><STYLE TYPE="text/css"><!-- P { } .ENUSCC { lang: en-US } --></STYLE></HEAD><BODY>\n${pair((text, i) => `<SYNC Start=${i * 4000}><P Class=ENUSCC>${text.replace('<', '&lt;')}\n`)}<SYNC Start=8000><P Class=ENUSCC>&nbsp;\n</BODY></SAMI>`,
    'SubStation Alpha': `[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n${pair((text, i) => `Dialogue: 0,0:00:0${i * 4}.00,0:00:0${i * 4 + 4}.00,Default,,0,0,0,,{\\i1}${text.replace(' ', '\\N')}\n`)}`,
    MicroDVD: `{1}{1}25\n${pair((text, i) => `{${i * 100}}{${i * 100 + 100}}{y:i}${text.replace(' ', '|')}\n`)}`,
    TTML: `<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>${pair((text, i) => `<p begin="${i * 4}s" end="${i * 4 + 4}s">${text.replace('<', '&lt;')}</p>`)}</div></body></tt>`,
    YouTube: JSON.stringify({ wireMagic: 'pb3', events: [{ tStartMs: 0, dDurationMs: 9000, id: 1 }, ...SAID.map((text, i) => ({ tStartMs: i * 4000, dDurationMs: 4000, segs: text.split(/(?= )/).map((utf8, place) => ({ utf8, tOffsetMs: place * 100 })) }))] }),
    'YouTube srv1': `<?xml version="1.0" encoding="utf-8" ?><transcript>${pair((text, i) => `<text start="${i * 4}" dur="4">${text.replace('<', '&amp;lt;').replaceAll('&amp;lt;', '&lt;')}</text>`)}</transcript>`,
    'YouTube srv3': `<?xml version="1.0"?><timedtext format="3"><head/><body>${pair((text, i) => `<p t="${i * 4000}" d="4000"><s>${text.split(' ')[0]}</s><s> ${text.split(' ').slice(1).join(' ').replace('<', '&lt;')}</s></p>`)}</body></timedtext>`
  }
  for (const [name, text] of Object.entries(formats)) {
    const choice = choose(text, 8)
    t.equal(wordsOf(choice).join(' '), EXPECTED, name)
    t.match(sentencesOf(choice), [{ text: SAID[0], start_time: 0, end_time: 4 }, { start_time: 4, end_time: 8 }], name)
    if (!name.startsWith('YouTube ')) t.equal(choice.facts.format, name)
  }
  const srt = formats['SRT'] as string
  const swapped = Buffer.from(srt, 'utf16le').swap16()
  for (const [name, encoded] of Object.entries({ 'UTF-16, little end first, without a mark': Buffer.from(srt, 'utf16le'), 'UTF-16, big end first, without a mark': swapped, 'Windows-1252': Buffer.from(srt, 'latin1') })) {
    t.equal(wordsOf(choose(encoded, 8)).join(' '), EXPECTED, name)
  }
})

t.test('the codes of a Scenarist file are decoded as a television does', async (t) => {
  const parity = (byte: number): string => (byte.toString(2).replaceAll('0', '').length % 2 === 0 ? byte | 0x80 : byte).toString(16).padStart(2, '0')
  const text = (said: string): string => [...said.padEnd(said.length + said.length % 2, '\0').matchAll(/../gs)].map(([two]) => parity(two.charCodeAt(0)) + parity(two.charCodeAt(1))).join(' ')
  const twice = (code: string): string => `${code} ${code}`
  const popOn = `Scenarist_SCC V1.0\n\n00:00:01;00\t${twice('9420')} ${twice('9470')} ${text('GOOD EVENING,')} ${twice('94d0')} ${text('MEMBERS.')} ${twice('942f')}\n\n00:00:04;00\t${twice('942c')}\n\n00:00:05;00\t${twice('9420')} ${twice('9470')} ${text('SE~ORA U')} ${twice('9223')} ${text('NICA.')} ${twice('942f')}\n\n00:00:07;00\t${twice('942c')}\n`
  t.same(wordsOf(choose(popOn, 7)), ['good', 'evening', 'members', 'señora', 'única'])
  const rollUp = `Scenarist_SCC V1.0\n\n00:00:00;00\t${twice('9425')} ${twice('94ad')} ${twice('9470')} ${text('>> THE ROLL.')}\n\n00:00:03;00\t${twice('9425')} ${twice('94ad')} ${twice('9470')} ${text('>> HERE.')}\n\n00:00:06;00\t${twice('94ad')} ${text('THANK YOU.')}\n\n00:00:08;00\t${twice('942c')}\n`
  const choice = choose(rollUp, 8)
  t.same(wordsOf(choice), ['the', 'roll', 'here', 'thank', 'you'], 'each line once')
  t.same(sentencesOf(choice).map((one) => one.speaker_index), [0, 1, 1])
})

t.test('text below a blank line is kept, notes and numbers are not', async (t) => {
  const text = 'WEBVTT\n\n1\n00:00.000 --> 00:04.000\n\nFirst line\n\nsecond line.\n\nNOTE a remark\nof two lines\n\n2\n\n00:04.000 --> 00:08.000\nThird.\n\nFourth\nline.\n'
  t.equal(wordsOf(choose(text, 8)).join(' '), 'first line second line third fourth line')
})

t.test('times with a comma under the head of WebVTT are read, minutes and seconds end at 59', async (t) => {
  t.equal(wordsOf(choose('WEBVTT\n\n00:00:00,000 --> 00:00:04,000\nOne.\n\n00:00:04,000 --> 00:00:08,000\nTwo.\n', 8)).join(' '), 'one two')
  const choice = choose('WEBVTT\n\n00:60:00.000 --> 00:61:00.000\nno time\n\n00:00:60.000 --> 00:01:01.000\nno time\n\n00:59:59.000 --> 01:00:00.000\nthe last second\n', 1)
  t.same([choice.facts.cues, choice.facts.words], [1, 3])
})

t.test('marks, sounds and overrides are no words; a lone > is one sign of the text', async (t) => {
  const said = (text: string) => sentencesOf(choose(file(cue(0, 4, text)), 4))
  t.match(said('» Good evening. ≫ Here. &gt;&gt; Aye. >>> Next.').map((one) => [one.speaker_index, one.text]), [[0, 'Good evening.'], [1, 'Here.'], [2, 'Aye.'], [3, 'Next.']])
  t.equal(said('Revenue > expenses in 2024 &gt; 2023.')[0]?.text, 'Revenue > expenses in 2024 > 2023.')
  t.equal(said('He said « merci » twice.')[0]?.text, 'He said « merci » twice.')
  t.match(said('[MUSIC PLAYING] Welcome (inaudible) section (b) here. [Applause]'), [{ text: 'Welcome section (b) here.', annotations: { sounds: ['MUSIC PLAYING', 'inaudible', 'Applause'] } }])
  t.match(choose(file(cue(0, 4, '[BLANK_AUDIO]')), 4), { problem: 'its 1 cues have no words' })
})

t.test('speakers are named by their captions, and by the persons of the meeting', async (t) => {
  const names = (text: string, persons: string[] = []) => sentencesOf(choose(file(cue(0, 9, text)), 9, persons)).map((one) => one.speaker_name)
  t.same(names('>> MAYOR ITO: Good evening.\n>> So, to be clear: no.\nCLERK: Member Vance?\nVANCE: Here.'), ['MAYOR ITO', null, 'CLERK', 'VANCE'])
  t.same(names('>> ITEM FOUR: THE LEASE.\nRESOLVED: THAT IT STANDS.\n>> DE LA CRUZ: AYE.'), [null, null, 'DE LA CRUZ'])
  const persons = ['Kenji Ito', 'M. Lorena González', 'Rob Long']
  const known = sentencesOf(choose(file(cue(0, 9, '>> MAYOR ITO: THANK YOU, MEMBER GONZALEZ. IT WAS A LONG DAY, MR. LONG.\n>> GONZÁLEZ: AYE.')), 9, persons))
  t.match(known[0], { speaker_name: 'Kenji Ito', annotations: { speaker: { said: 'MAYOR ITO', confidence: 0.9 } }, text: 'Mayor Ito: thank you, member González.' })
  t.equal(known[1]?.text, 'It was a long day, mr. Long.')
  t.equal(known.at(-1)?.speaker_name, 'M. Lorena González')
})
