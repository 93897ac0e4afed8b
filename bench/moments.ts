import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createSearch } from '../src/pipelines/councils/index/search.ts'
import { makeSpoken } from '../src/pipelines/councils/index/spoken.ts'
import { openStore } from '../src/sdk/store/open.ts'
import { makeQuestions, makeSentences, percentile } from './made-meetings.ts'

/** The search of the service over made-up meetings: `npm run bench:moments [MEETINGS]`. */
const [MEETINGS, WORDS, QUESTIONS] = [Number(process.argv[2] ?? 1000), 10_000, 2000]

function meeting (i: number): Uint8Array {
  const session = { session_id: '0'.repeat(12), session_index: 0, video_uri: 'https://v.example/a.mp4', transcript_id: '0'.repeat(12) }
  const lines = makeSentences(WORDS).map((text, index) => ({ text, start: index * 5, end: index * 5 + 4, speaker: null, session: 0, index }))
  return makeSpoken({ event_id: i.toString(16).padStart(12, '0'), event_datetime: 1.6e9 + i * 86_400, body: `Body ${i % 9}`, sessions: [session], lines, fields: [] })
}

const folder = mkdtempSync(join(tmpdir(), 'sb-moments-'))
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1)
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)
try {
  const store = openStore(`file:${folder}`)
  const write = async (i: number): Promise<void> => {
    await store.write(`search/meetings/${i.toString(16).padStart(12, '0')}-000000000-${'0'.repeat(16)}.words`, Readable.from([meeting(i)]))
    await store.write('search/state.json', Readable.from([JSON.stringify({ generation: String(i), built: new Date().toISOString() })]))
  }
  const started = performance.now()
  for (let i = 0; i < MEETINGS; i++) await write(i)
  console.log(`made ${MEETINGS} meetings of ${WORDS} words: ${seconds(started)} s`)
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const search = createSearch({ openStore: async () => store })
  const opened = performance.now()
  await search.ask({ query: 'x', sort: 'weighted', first: 4 })
  console.log(`loaded: ${seconds(opened)} s, ${megabytes(process.memoryUsage().rss - before)} MB more`)
  const times: number[] = []
  const cpu = process.cpuUsage()
  for (const query of makeQuestions(QUESTIONS)) {
    const at = performance.now()
    await search.ask({ query, sort: 'weighted', first: 10 })
    times.push(performance.now() - at)
  }
  const { user, system } = process.cpuUsage(cpu)
  console.log(`questions of 1 to 5 words: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms, most ${Math.max(...times).toFixed(1)} ms; ${((user + system) / 1000 / QUESTIONS).toFixed(1)} ms of a processor each`)
  console.log(`memory after them: ${megabytes(process.memoryUsage().rss - before)} MB more`)
  const added = performance.now()
  await write(MEETINGS)
  const written = performance.now()
  await new Promise((resolve) => { setTimeout(resolve, 2100) })
  const asked = performance.now()
  const { meetings } = await search.ask({ query: 'x', sort: 'weighted', first: 4 })
  console.log(`one more meeting: ${(written - added).toFixed(0)} ms to make, ${(performance.now() - asked).toFixed(0)} ms until it is found (${meetings} meetings)`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
