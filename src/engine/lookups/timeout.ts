import { Type } from 'typebox'
import { DurationSchema, toMilliseconds } from '../../base/duration.ts'

/** Parts of the rules of a gate that several of them share. */
export const By = Type.Optional(
  Type.String({
    pattern: '^([A-Za-z][A-Za-z0-9_]*|(/[^/]*)+)$',
    description:
      'What triggers must have in common: an attribute of the event, or a JSON pointer into it such as ' +
      '/data/genome; subject by default'
  })
)
export const Within = Type.Optional({ ...DurationSchema, description: 'Longest wait; without end by default' })
export const OnTimeout = Type.Optional(
  Type.Union([Type.Literal('run'), Type.Literal('fail')], { description: 'What then; fail by default' })
)

export type Timeout = { withinMs: number | undefined, onTimeout: 'run' | 'fail' }

type TimeoutEntry = { within?: string | undefined, on_timeout?: 'run' | 'fail' | undefined }

export function toTimeout ({ within, on_timeout: onTimeout }: TimeoutEntry): Timeout {
  return { withinMs: within === undefined ? undefined : toMilliseconds(within), onTimeout: onTimeout ?? 'fail' }
}
