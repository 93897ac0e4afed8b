import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDocuments, writeJson } from '../src/pipelines/councils/model/documents.ts'
import { buildIndex } from '../src/pipelines/councils/index/build.ts'
import { createOriginalSearch } from '../src/pipelines/councils/index/original-search.ts'
import { LENGTHS, type Length } from '../src/pipelines/councils/index/segment.ts'
import { openStore } from '../src/sdk/store/open.ts'

/**
 * Builds the index of made-up transcripts and asks it: `node dist-bench/bench/search.js [MEETINGS] [WORDS]`. Words are drawn by
 * Zipf's law from a vocabulary of 20,000, sentences have 5 to 25.
 */
const [meetings = 1000, words = 10_000] = process.argv.slice(2).map(Number)
const QUESTIONS = 2000
const VOCABULARY = 20_000

let seed = 42
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}
const SYLLABLES = ['ba', 'cor', 'del', 'fin', 'gra', 'hol', 'jun', 'kel', 'lor', 'min', 'nar', 'pol', 'qui', 'ras', 'tem', 'ven']
const vocabulary = Array.from({ length: VOCABULARY }, (_, i) => [i % 16, (i >> 4) % 16, (i >> 8) % 16, (i >> 12) % 16].map((s) => SYLLABLES[s]).join(''))
const drawWord = (): string => vocabulary[Math.min(VOCABULARY - 1, Math.floor(Math.exp(random() * Math.log(VOCABULARY))))] ?? ''
const drawWords = (count: number): string => Array.from({ length: count }, drawWord).join(' ')

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-search-'))
const store = openStore(`file:${folder}`)
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`
try {
  const documents = createDocuments(store)
  for (let i = 0; i < meetings; i++) {
    const at = 1_700_000_000 - i * 86_400
    const { id: body } = await documents.upsert('body', { name: `Body ${i % 7}` })
    const { id: event } = await documents.upsert('event', { body_ref: body, event_datetime: at })
    const { id: session } = await documents.upsert('session', { event_ref: event, video_uri: `https://city.example/${i}.mp4`, session_index: 0 })
    const { id: file } = await documents.upsert('file', { uri: store.url(`${i}-transcript.json`) })
    await documents.upsert('transcript', { session_ref: session, file_ref: file, confidence: 0.9, created: at })
    const sentences: Array<{ text: string }> = []
    for (let left = words; left > 0;) {
      const count = Math.min(left, 5 + Math.floor(random() * 21))
      sentences.push({ text: `${drawWords(count)}.` })
      left -= count
    }
    await writeJson(store, `${i}-transcript.json`, { sentences })
  }
  let peak = 0
  const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 100)
  const build = async (lengths: readonly Length[]) => await buildIndex({ store, nowMs: 1_700_000_000_000, decayDays: 30, lengths, perChunk: 50_000, signal: new AbortController().signal, log: () => {}, progress: () => {} })
  let start = performance.now()
  console.log(`${meetings} meetings of ${words} words: ${(await build([])).made} read and indexed in ${seconds(start)}, ${megabytes(peak)} at most`)
  start = performance.now()
  const { rows, made } = await build(LENGTHS.slice(0, 1))
  console.log(`again, ${made} read, ${rows} rows of one word exported: ${seconds(start)}, ${megabytes(peak)} at most`)
  clearInterval(watch)
  const search = createOriginalSearch({ openStore: async () => store })
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  start = performance.now()
  await search.ask({ query: 'first', sort: 'weighted', first: 4 })
  console.log(`loaded in ${seconds(start)}, ${megabytes(process.memoryUsage().rss - before)} more memory`)
  const times: number[] = []
  let hits = 0
  for (let i = 0; i < QUESTIONS; i++) {
    const query = drawWords(1 + Math.floor(random() * 5))
    const from = performance.now()
    hits += (await search.ask({ query, sort: 'weighted', first: 4 })).hits.length
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(1)} ms`
  console.log(`${QUESTIONS} questions of 1 to 5 words, ${hits} hits: p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(0.9999)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
