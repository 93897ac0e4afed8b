import { makeCity, QUESTIONS } from '../test/pipelines/councils/fixtures/made-city.ts'
import { makeQuestions, makeSentences, percentile } from './made-meetings.ts'

/**
 * Kept libraries for searching, as they come, over the sentences of made-up meetings: `npm i --no-save minisearch@7.2.0
 * @orama/orama@3.1.18 lunr@2.3.9`, then `npm run bench:engines NAME [MEETINGS]`. One at a time, so that memory is that of one.
 */
const [name = '', given = '100'] = process.argv.slice(2)
const [MEETINGS, WORDS, ASKED] = [Number(given), 10_000, 500]

type Row = { id: string, text: string }
type Hit = { id: string, score: number }
type Engine = { build: (rows: Row[]) => Promise<(query: string) => Promise<Hit[]>> }

// They are no dependencies of the project: what is asked of them stands here.
type MiniSearch = new (options: { fields: string[] }) => { addAll: (rows: Row[]) => void, search: (query: string) => Hit[] }
type Orama = {
  create: (options: { schema: Record<string, string>, language: string }) => unknown
  insertMultiple: (database: unknown, rows: Row[], batch: number) => Promise<unknown>
  search: (database: unknown, query: { term: string, limit: number }) => Promise<{ hits: Array<{ score: number, document: Row }> }>
}
type Builder = { ref: (name: string) => void, field: (name: string) => void, add: (row: Row) => void }
type Lunr = (make: (this: Builder) => void) => { search: (query: string) => Array<{ ref: string, score: number }> }

const load = async (module: string): Promise<unknown> => await import(module)
const HITS = 1000

const ENGINES: Record<string, () => Promise<Engine>> = {
  minisearch: async () => {
    const { default: Index } = await load('minisearch') as { default: MiniSearch }
    return {
      build: async (rows) => {
        const index = new Index({ fields: ['text'] })
        index.addAll(rows)
        return async (query) => index.search(query)
      }
    }
  },
  orama: async () => {
    const { create, insertMultiple, search } = await load('@orama/orama') as Orama
    return {
      build: async (rows) => {
        const database = create({ schema: { id: 'string', text: 'string' }, language: 'english' })
        await insertMultiple(database, rows, 5000)
        return async (term) => (await search(database, { term, limit: HITS })).hits.map(({ score, document: { id } }) => ({ id, score }))
      }
    }
  },
  lunr: async () => {
    const { default: lunr } = await load('lunr') as { default: Lunr }
    return {
      build: async (rows) => {
        const index = lunr(function () {
          this.ref('id')
          this.field('text')
          for (const row of rows) this.add(row)
        })
        // Quotes and colons are its own language.
        return async (query) => index.search(query.replace(/["~^:+-]/g, ' ')).map(({ ref, score }) => ({ id: ref, score }))
      }
    }
  }
}

/** The meetings of the sentences that were found, each by its best one. */
const meetingsOf = (hits: Hit[]): string[] => [...new Set(hits.map(({ id }) => id.slice(0, id.lastIndexOf(' '))))]

async function measureAnswers (engine: Engine): Promise<void> {
  const rows = makeCity().flatMap(({ name: meeting, sentences }) => sentences.map((text, i) => ({ id: `${meeting} ${i}`, text })))
  const ask = await engine.build(rows)
  let right = 0
  const wrong: string[] = []
  for (const [query, meeting] of QUESTIONS) {
    if (meetingsOf(await ask(query)).slice(0, 3).includes(meeting)) right++
    else wrong.push(query)
  }
  console.log(`${name}: right in the first three: ${right} of ${QUESTIONS.length}; not: ${wrong.join(' | ')}`)
}

async function measureCost (engine: Engine): Promise<void> {
  const rows = Array.from({ length: MEETINGS }, (_, i) => makeSentences(WORDS).map((text, j) => ({ id: `${i} ${j}`, text }))).flat()
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  const ask = await engine.build(rows)
  const { user, system } = process.cpuUsage(cpu)
  globalThis.gc?.()
  console.log(`${name}: ${rows.length} sentences of ${MEETINGS} meetings in ${((user + system) / 1e6).toFixed(1)} s of processors, ${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB more`)
  const times: number[] = []
  for (const query of makeQuestions(ASKED)) {
    const at = performance.now()
    meetingsOf(await ask(query))
    times.push(performance.now() - at)
  }
  console.log(`${name}: questions: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`)
}

const engine = await ENGINES[name]?.()
if (engine === undefined) {
  process.stderr.write(`one of ${Object.keys(ENGINES).join(', ')}\n`)
  process.exitCode = 2
} else {
  await measureAnswers(engine)
  await measureCost(engine)
}
