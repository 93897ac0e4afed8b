import { Type, type Static } from 'typebox'
import { STEP_STATES } from '../base/step-state.ts'
import { closed, instant, nullable, oneOf } from './parts.ts'

export const ProgressSchema = Type.Object({
  complete: Type.Number(),
  total: Type.Optional(Type.Number()),
  message: Type.Optional(Type.String())
}, { additionalProperties: true })

/** A named part of a run of a job. */
export const StepSchema = Type.Object({
  name: Type.String(),
  status: oneOf(STEP_STATES, {
    description: '`reused`: its result was remembered; `interrupted`: its run came to an end while it was under way'
  }),
  round: Type.Integer({ description: 'Of the attempt: one more with every retry by a person' }),
  attempt: Type.Integer(),
  tries: Type.Integer({ description: 'How often its work was begun; 0 where it was reused' }),
  started: instant('When it began'),
  ended: nullable(instant('When it ended; null where nobody knows')),
  counts: Type.Record(Type.String(), Type.Number(), { description: 'What it has counted' }),
  progress: nullable(ProgressSchema),
  reason: nullable(Type.String({ description: 'Why it failed' }))
}, { $id: 'Step', ...closed })
export type StepView = Static<typeof StepSchema>

const artefact = {
  name: Type.String(),
  step: Type.Optional(Type.String({ description: 'The step that gave it' }))
}
const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])

/** Something small that a job shows beside its result. All text of it is that of others. */
export const ArtefactSchema = Type.Union([
  Type.Object({
    ...artefact,
    kind: Type.Literal('table'),
    columns: Type.Array(Type.String()),
    rows: Type.Array(Type.Array(Cell)),
    total: Type.Integer({ description: 'How many rows there were; the first are kept' })
  }, closed),
  Type.Object({ ...artefact, kind: Type.Literal('link'), url: Type.String() }, closed),
  Type.Object({
    ...artefact,
    kind: Type.Literal('markdown'),
    text: Type.String(),
    is_cut: Type.Boolean({ description: 'Whether there was more' })
  }, closed)
], { $id: 'Artefact' })
export type ArtefactView = Static<typeof ArtefactSchema>
