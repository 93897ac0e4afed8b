import { createInputs } from '../src/inputs/inputs.ts'
import { dumpPeptide } from '../src/processes/dump_peptide.ts'
import type { DumpPeptideParams } from '../src/processes/dump_event.ts'
import { openStore } from '../src/store.ts'

const [folder = '', fasta = '', gff3 = ''] = process.argv.slice(2)
const params: DumpPeptideParams = { fasta, gff3 }
await dumpPeptide({
  event: { id: '1', source: 'bench', type: 'new_genebuild', genome: 'made_up' },
  params,
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
  block: async () => { throw new Error('there are no blocks') }
})
