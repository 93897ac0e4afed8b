import { pipelines } from '../pipelines/pipelines.ts'
import { commonKinds } from '../sdk/blocks/registry.ts'
import { shippedBy } from '../sdk/pipeline.ts'

/** What is there without anybody's doing: built-in processes, kinds of blocks and queries, by name. */
export const shipped = shippedBy(pipelines, commonKinds)
