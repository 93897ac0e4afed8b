import { Type, type Static } from 'typebox'
import { closed, instant, nullable } from './parts.ts'

const EndedSchema = Type.Object({
  job: Type.String(),
  event: Type.String({ description: 'For GET /events/{id}' }),
  at: instant('When it ended')
}, closed)

const SubjectProcessSchema = Type.Object({
  process: Type.String(),
  last_success: nullable(EndedSchema),
  last_failure: nullable(EndedSchema)
}, closed)
export type SubjectProcess = Static<typeof SubjectProcessSchema>

export const SubjectSchema = Type.Object({
  subject: Type.String(),
  events: Type.Integer({ description: 'How many events about it were looked at, the latest ones' }),
  cut: Type.Boolean({ description: 'Whether there are older ones at which nobody looked' }),
  processes: Type.Array(SubjectProcessSchema, { description: 'In the order of their names' })
}, { $id: 'Subject', ...closed, description: 'What each process has last done for one genome, council or document' })
export type SubjectView = Static<typeof SubjectSchema>

export const subjectSchemas = [SubjectSchema]
