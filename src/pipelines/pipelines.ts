import type { Pipeline } from '../sdk/pipeline.ts'
import { consultations } from './consultations/pipeline.ts'
import { councils } from './councils/pipeline.ts'
import { ensembl } from './ensembl/pipeline.ts'

/** What is shipped: one line each. */
export const pipelines: readonly Pipeline[] = [
  ensembl,
  councils,
  consultations
]
