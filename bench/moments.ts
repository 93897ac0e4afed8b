import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createSearch } from '../src/pipelines/councils/index/search.ts'
import { makeSpoken } from '../src/pipelines/councils/index/spoken.ts'
import { openStore } from '../src/sdk/store/open.ts'

/** Meetings and words of each, as the issue of the search asks for them. */
const [MEETINGS, WORDS, QUESTIONS] = [Number(process.argv[2] ?? 1000), 10_000, 2000]
/** Words by Zipf's law, of a vocabulary of so many. */
const VOCABULARY = 30_000

let seed = 7
const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
const wordAt = (rank: number): string => {
  let word = ''
  for (let rest = rank + 26; rest > 0; rest = Math.floor(rest / 21)) word += 'bcdfghklmnprstvwaeiou'[rest % 21]
  return word
}
const someWord = (): string => wordAt(Math.floor(VOCABULARY ** random()) - 1)
const sentence = (): string => `${Array.from({ length: 8 + Math.floor(random() * 12) }, someWord).join(' ')}.`

function meeting (i: number): Uint8Array {
  const texts: string[] = []
  for (let words = 0; words < WORDS;) {
    const text = sentence()
    words += text.split(' ').length
    texts.push(text)
  }
  const session = { session_id: '0'.repeat(12), session_index: 0, video_uri: 'https://v.example/a.mp4', transcript_id: '0'.repeat(12) }
  const lines = texts.map((text, index) => ({ text, start: index * 5, end: index * 5 + 4, speaker: null, session: 0, index }))
  return makeSpoken({ event_id: i.toString(16).padStart(12, '0'), event_datetime: 1.6e9 + i * 86_400, body: `Body ${i % 9}`, sessions: [session], lines, fields: [] })
}

const folder = mkdtempSync(join(tmpdir(), 'sb-moments-'))
try {
  const store = openStore(`file:${folder}`)
  const write = async (i: number): Promise<void> => {
    await store.write(`search/meetings/${i.toString(16).padStart(12, '0')}-000000000-${'0'.repeat(16)}.words`, Readable.from([meeting(i)]))
    await store.write('search/state.json', Readable.from([JSON.stringify({ generation: String(i), built: new Date().toISOString() })]))
  }
  const started = performance.now()
  for (let i = 0; i < MEETINGS; i++) await write(i)
  console.log(`made ${MEETINGS} meetings of ${WORDS} words: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const search = createSearch({ openStore: async () => store })
  const opened = performance.now()
  await search.ask({ query: 'x', sort: 'weighted', first: 4 })
  console.log(`loaded: ${((performance.now() - opened) / 1000).toFixed(1)} s, ${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB more`)
  const times: number[] = []
  for (let q = 0; q < QUESTIONS; q++) {
    const query = Array.from({ length: 1 + q % 5 }, someWord).join(' ')
    const at = performance.now()
    await search.ask({ query, sort: 'weighted', first: 10 })
    times.push(performance.now() - at)
  }
  times.sort((a, b) => a - b)
  console.log(`questions of 1 to 5 words: p50 ${times[QUESTIONS / 2]?.toFixed(1)} ms, p99 ${times[Math.floor(QUESTIONS * 0.99)]?.toFixed(1)} ms, most ${times.at(-1)?.toFixed(1)} ms`)
  const added = performance.now()
  await write(MEETINGS)
  const written = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 2100))
  const asked = performance.now()
  const { meetings } = await search.ask({ query: 'x', sort: 'weighted', first: 4 })
  console.log(`one more meeting: ${(written - added).toFixed(0)} ms to make, ${(performance.now() - asked).toFixed(0)} ms until it is found (${meetings} meetings)`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
