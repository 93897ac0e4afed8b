import { createInputs } from '../src/inputs/inputs.ts'
import { dumpPeptide } from '../src/processes/dump_peptide.ts'
import { openStore } from '../src/store.ts'
import { givenBlocks } from '../test/fixtures/blocks.ts'

/** One dump_peptide: the folder, then the parameters and the core_database block as JSON. */
const [folder = '', params = '', server = ''] = process.argv.slice(2)
await dumpPeptide({
  event: { id: '1', source: 'bench', type: 'new_genebuild', genome: 'made_up' },
  params: JSON.parse(params),
  processName: 'dump_peptide',
  jobId: 'bench',
  attempt: 1,
  absorbed: [],
  joined: {},
  signal: new AbortController().signal,
  log: () => {},
  progress: () => {},
  store: openStore(`file:${folder}/store`),
  inputs: createInputs({ folders: [folder], maxBytes: 1e12, timeoutMs: 60_000, allowPrivate: false }),
  block: givenBlocks({ core_database: { bench: JSON.parse(server) } })
})
