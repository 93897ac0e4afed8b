import { openStore } from '../src/sdk/store/open.ts'
import type { ProcessContext } from '../src/sdk/process.ts'
import { preprocessConsultationDocuments } from '../src/pipelines/consultations/preprocess_consultation_documents.ts'
import { givenBlocks } from '../test/fixtures/blocks.ts'
import { makeContext } from '../test/fixtures/context.ts'
import { rebound } from '../test/fixtures/steps.ts'

export type PreprocessRun = { api: string, platform: string, store: string }
type Moment = { seconds: number, cpuSeconds: number }
export type PreprocessSummary = { seconds: number, cpuSeconds: number, maxRssMb: number, phases: Array<{ name: string, seconds: number, cpuSeconds: number }>, output: unknown }

/** One run in this process, told by message; a phase is what the progress says is going on. */
process.once('message', ({ api, platform, store, bootstrap }: PreprocessRun & { bootstrap: boolean }) => {
  const started = performance.now()
  const ends = new Map<string, Moment>()
  // The processor's time is that of all threads of this process.
  const cpu = (): number => Object.values(process.cpuUsage()).reduce((sum, micros) => sum + micros, 0) / 1e6
  const at = (): Moment => ({ seconds: (performance.now() - started) / 1000, cpuSeconds: cpu() })
  const context: ProcessContext<Record<string, unknown>> = rebound({
    ...makeContext({ bootstrap_extracted_content: bootstrap, cache_seconds: 0 }).context,
    store: openStore(store),
    block: givenBlocks({ api_credentials: { 'demokratis-api-credentials': { base_url: api, username: 'a', password: 'b' } }, object_store: { 'platform-file-storage': { url: platform } } }),
    progress: ({ complete, total, message = '' }) => { ends.set(message === 'answers of the API' ? `API: answer ${complete} of ${total}` : message, at()) }
  })
  preprocessConsultationDocuments(context).then(({ output }) => {
    let before: Moment = { seconds: 0, cpuSeconds: 0 }
    const phases = [...ends, ['the rest', at()] as const].map(([name, end]) => {
      const phase = { name, seconds: end.seconds - before.seconds, cpuSeconds: end.cpuSeconds - before.cpuSeconds }
      before = end
      return phase
    })
    const summary: PreprocessSummary = { ...at(), maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024), phases, output }
    process.send?.(summary, () => process.exit())
  }, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
