import t from 'tap'
import { buildIndex } from '../../../../src/pipelines/councils/index/build.ts'
import { createOriginalSearch } from '../../../../src/pipelines/councils/index/original-search.ts'
import { createSearch } from '../../../../src/pipelines/councils/index/search.ts'
import { openStore } from '../../../../src/sdk/store/open.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { makeCity, QUESTIONS } from '../fixtures/made-city.ts'
import { tell } from '../fixtures/told.ts'

const NOW = Date.parse('2024-12-01')

t.test('25 questions of a citizen over 40 meetings: the right one is among the first three, and its moment the right one', { timeout: 200_000 }, async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const names = new Map<string, string>()
  const city = makeCity()
  for (const { name, body, date, sentences } of city) names.set(await tell(store, name, { at: Date.parse(date) / 1000, body, sentences }), name)
  await buildIndex({ store, nowMs: NOW, decayDays: 30, lengths: [1], perChunk: 50_000, signal: AbortSignal.timeout(180_000), log: () => {}, progress: () => {} })
  const [ours, original] = [createSearch({ openStore: async () => store }), createOriginalSearch({ openStore: async () => store })]
  const placeOf = (hits: Array<{ event_id: string }>, name: string): number => hits.findIndex(({ event_id: id }) => names.get(id) === name) + 1
  const places = { ours: [] as number[], original: [] as number[] }
  const wrongMoments: string[] = []
  for (const [query, name] of QUESTIONS) {
    const { hits } = await ours.ask({ query, sort: 'weighted', first: 10 }, NOW)
    places.ours.push(placeOf(hits, name))
    places.original.push(placeOf((await original.ask({ query, sort: 'weighted', first: 10 }, NOW)).hits, name))
    const moment = hits.find(({ event_id: id }) => names.get(id) === name)?.moments[0]?.text ?? ''
    const passages = city.find((one) => one.name === name)?.sentences ?? []
    if (!passages.includes(moment) || city.some((one) => one.name !== name && one.sentences.includes(moment))) wrongMoments.push(`${query}: ${moment}`)
  }
  for (const [i, [query]] of QUESTIONS.entries()) t.comment(`| ${query} | ${places.ours[i]} | ${places.original[i]} |`)
  const right = (list: number[]): number => list.filter((place) => place >= 1 && place <= 3).length
  t.comment(`right in the first three: ours ${right(places.ours)}, the original's ranking ${right(places.original)}`)
  t.ok(right(places.ours) >= 24, `${right(places.ours)} of 25`)
  t.same(wrongMoments, [])
})
