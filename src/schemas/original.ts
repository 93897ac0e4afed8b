import { Type, type Static } from 'typebox'
import { closed } from './parts.ts'

/** The answers of Ensembl's event service, as its own client reads them. */

export const OriginalSubmissionSchema = Type.Object({
  processes: Type.Array(Type.Object({ process: Type.String(), job: Type.String(), task: Type.String() }, closed)),
  event: Type.Unknown(),
  job_id: Type.Union([Type.String(), Type.Null()], { description: 'Of the first process' })
}, { $id: 'OriginalSubmission', ...closed })

export const OriginalResultSchema = Type.Object({
  id: Type.String(),
  input: Type.Object({ event: Type.Unknown(), timestamp: Type.Number({ description: 'Seconds' }) }, closed),
  status: Type.Enum(['submitted', 'running', 'complete', 'failed', 'incomplete']),
  when_completed: Type.Optional(Type.String()),
  output: Type.Optional(Type.Unknown()),
  progress: Type.Optional(Type.Unknown()),
  email: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
  body: Type.Optional(Type.String())
}, { $id: 'OriginalResult', ...closed })

export type OriginalResult = Static<typeof OriginalResultSchema>

export const originalSchemas = [OriginalSubmissionSchema, OriginalResultSchema]
