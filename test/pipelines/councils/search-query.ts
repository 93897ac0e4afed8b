import t, { type Test } from 'tap'
import { EventClient } from '../../../src/client/event-client.ts'
import type { SearchAnswer } from '../../../src/client/answers.ts'
import { runClientCommand } from '../../../src/cli/commands.ts'
import type { SearchAnswer as OwnAnswer } from '../../../src/pipelines/councils/index/schemas.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { createFakeStream, startFakeService } from '../../fixtures/fake-service.ts'

const hit: SearchAnswer['hits'][number] = { event_id: '21535fceb64e', event_datetime: '2026-11-19T17:30:00.000Z', body: 'Harbour\u001b[31m Committee', relevance: 1.2219, weighted: 1.6781, contained: ['bridge', 'fund'], context_span: '... from the bridge fund.', keywords: ['dredged', 'spring'], moments: [] }
const found: SearchAnswer = { index: '2026-11-20T00:00:00Z', meetings: 2, hits: [{ ...hit, moments: [{ session_id: '0123456789ab', session_index: 0, transcript_id: 'ba9876543210', sentence_index: 7, start_time: 3723.5, end_time: 3726, speaker: 'Kenji Ito', text: 'It comes from the bridge fund.', before: null, after: null, video_uri: 'https://v.example/a.mp4', link: 'https://v.example/a.mp4#t=3723' }] }, { ...hit, body: 'Full Council' }] }

async function search (t: Test, line: string[], body: unknown) {
  const { url, seen } = await startFakeService(t, { body })
  const [stdout, stderr] = [createFakeStream(), createFakeStream()]
  const code = await runClientCommand('search', line, { env: { SIGNALBOX_URL: url }, stdout: stdout.stream, stderr: stderr.stream }, async () => shipped)
  return { code, out: stdout.text(), err: stderr.text(), asked: seen[0]?.url }
}

t.test('the client knows the answer of the query by its own types', async (t) => {
  // The compiler compares them: the client imports no pipeline.
  const [own, known]: [OwnAnswer, SearchAnswer] = [found, found]
  const back: [SearchAnswer, OwnAnswer] = [own, known]
  t.equal(back.length, 2)
})

t.test('signalbox search asks the service and prints the meetings, best first', async (t) => {
  const { code, out, asked } = await search(t, ['bridge fund', '--first', '2', '--begin', '2026-01-01', '--sort', 'newest'], found)
  t.equal(code, 0)
  t.equal(asked, '/search?q=bridge+fund&sort=newest&first=2&begin=2026-01-01')
  t.equal(out, [
    'Harbour Committee  2026-11-19  21535fceb64e  relevance 1.2', '  1:02:03  Kenji Ito: It comes from the bridge fund.', '           https://v.example/a.mp4#t=3723', '',
    'Full Council  2026-11-19  21535fceb64e  relevance 1.2', '  ... from the bridge fund.', ''
  ].join('\n'))
  t.equal((await search(t, ['bridge', '--json'], found)).out, `${JSON.stringify(found)}\n`)
  t.equal((await search(t, ['x'], { index: null, meetings: 0, hits: [] })).out, 'there is no index yet: it is built when a transcript was stored\n')
  t.equal((await search(t, ['x'], { ...found, hits: [] })).out, 'nothing in 2 meetings\n')
})

t.test('what the query cannot be asked is told with its usage, and nobody is asked', async (t) => {
  for (const [line, message] of [
    [['x', '--first', 'many'], /--first must be a number/],
    [['x', '--sort', 'best'], /--sort must be one of weighted, relevance, newest, oldest/],
    [[], /QUERY is missing/]
  ] as const) {
    const { code, err, asked } = await search(t, [...line], found)
    t.same([code, asked], [2, undefined])
    t.match(err, message)
    t.match(err, /Usage: signalbox search QUERY \[options\]/)
  }
})

t.test('client.query and client.search are the same', async (t) => {
  const { url, seen } = await startFakeService(t, { body: found }, { body: found })
  const client = new EventClient({ url })
  t.teardown(() => client.close())
  t.same(await client.search('bridge fund', { first: 2 }), found)
  t.same(await client.query('search', { q: 'bridge fund', first: 2 }), found)
  t.equal(seen[0]?.url, seen[1]?.url)
})
