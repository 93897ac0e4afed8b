import { createInputs } from '../src/sdk/inputs/inputs.ts'
import type { ProcessContext, ProcessFunction } from '../src/sdk/process.ts'
import { ensembl } from '../src/pipelines/ensembl/pipeline.ts'
import { openStore } from '../src/sdk/store/open.ts'
import { testSteps } from '../test/fixtures/steps.ts'

/** One dump: its process, the folder, then the parameters and the core_database block as JSON. */
const [name = '', folder = '', params = '', server = ''] = process.argv.slice(2)
const run = await ensembl.processes.find((one) => one.name === name)?.load() as ProcessFunction
const context: Omit<ProcessContext, 'step' | 'artefact'> = {
  event: { id: '1', source: 'bench', type: 'new_assembly', genome: 'made_up' },
  params: JSON.parse(params),
  processName: name,
  jobId: `bench ${folder}`,
  attempt: 1,
  absorbed: [],
  absorbedCount: 0,
  allAbsorbed: async function * () {},
  joined: {},
  signal: new AbortController().signal,
  log: () => {},
  progress: () => {},
  store: openStore(`file:${folder}/store`),
  inputs: createInputs({ folders: [folder], maxBytes: 1e12, timeoutMs: 60_000, allowPrivate: false }),
  call: async () => { throw new Error('a dump calls nobody') },
  block: async () => JSON.parse(server) as never
}
await run({ ...context, ...testSteps(context).context })
