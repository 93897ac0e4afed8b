import { openStore } from '../src/sdk/store/open.ts'
import type { ProcessContext } from '../src/sdk/process.ts'
import { preprocessConsultationDocuments } from '../src/pipelines/consultations/preprocess_consultation_documents.ts'
import { givenBlocks } from '../test/fixtures/blocks.ts'
import { makeContext } from '../test/fixtures/context.ts'

export type PreprocessRun = { api: string, platform: string, store: string }
export type PreprocessSummary = { seconds: number, maxRssMb: number, phases: Array<{ name: string, seconds: number }>, output: unknown }

/** One run in this process, told by message; a phase is what the progress says is going on. */
process.once('message', ({ api, platform, store, bootstrap }: PreprocessRun & { bootstrap: boolean }) => {
  const started = performance.now()
  const ends = new Map<string, number>()
  const at = (): number => (performance.now() - started) / 1000
  const context: ProcessContext<Record<string, unknown>> = {
    ...makeContext({ bootstrap_extracted_content: bootstrap, cache_seconds: 0 }).context,
    store: openStore(store),
    block: givenBlocks({ api_credentials: { 'demokratis-api': { base_url: api, username: 'a', password: 'b' } }, object_store: { 'platform-file-storage': { url: platform } } }),
    progress: ({ complete, total, message = '' }) => { ends.set(message === 'answers of the API' ? `API: answer ${complete} of ${total}` : message, at()) }
  }
  preprocessConsultationDocuments(context).then(({ output }) => {
    let before = 0
    const phases = [...ends].map(([name, end]) => {
      const seconds = end - before
      before = end
      return { name, seconds }
    })
    const summary: PreprocessSummary = { seconds: at(), maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024), phases: [...phases, { name: 'the rest', seconds: at() - before }], output }
    process.send?.(summary, () => process.exit())
  }, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
