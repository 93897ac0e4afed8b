import { Type, type Static } from 'typebox'
import { DurationSchema, toMilliseconds } from '../../base/duration.ts'
import { closed } from './entry.ts'
import { By, OnTimeout, Within, toTimeout, type Timeout } from './timeout.ts'
import { WaitForSchema, toWaitFor, type WaitFor } from './wait-for.ts'

/** What a process of process_lookup.json may say of when it runs. */
export const GateProperties = {
  coalesce: Type.Optional(
    Type.Object(
      {
        by: By,
        quiet: Type.Optional({ ...DurationSchema, description: 'Runs when no trigger has come for so long' }),
        max_delay: Type.Optional({
          ...DurationSchema,
          description: 'Runs so long after the first trigger, quiet or not'
        }),
        throttle: Type.Optional({
          ...DurationSchema,
          description: 'Least time from the start of one run to that of the next'
        }),
        edge: Type.Optional(
          Type.Union([Type.Literal('trailing'), Type.Literal('leading'), Type.Literal('both')], {
            description:
              'With quiet: whether the first trigger runs at once (leading: then those in the quiet time after ' +
              'it run nothing), or the last (trailing, the default)'
          })
        )
      },
      { ...closed, description: 'Triggers that wait are merged into one run; one run at a time' }
    )
  ),
  defer: Type.Optional(
    Type.Object(
      {
        until: Type.Literal('upstream_complete'),
        by: By,
        within: Within,
        on_timeout: OnTimeout,
        on_upstream_failure: Type.Optional(
          Type.Union([Type.Literal('run'), Type.Literal('fail'), Type.Literal('hold')], {
            description:
              'When one of those has failed for good meanwhile: runs all the same (the default), fails, or waits ' +
              'until its process has completed for the key'
          })
        )
      },
      {
        ...closed,
        description: 'Waits until no job is under way that may, by emits and the lookups, cause another trigger'
      }
    )
  ),
  wait_for: Type.Optional(WaitForSchema),
  limit: Type.Optional(
    Type.Object(
      {
        concurrency: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 10_000,
            description: 'Jobs of the process that run at once, over all workers'
          })
        ),
        per_key: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs that run at once for one value of by' })
        ),
        by: By,
        on_collision: Type.Optional(
          Type.Union([Type.Literal('enqueue'), Type.Literal('cancel_new'), Type.Literal('cancel_running')], {
            description:
              'What a job does that finds no room: it waits (the default), is cancelled, or has the oldest that ' +
              'runs cancelled'
          })
        )
      },
      { ...closed, description: 'How many run at once, and what happens when there is no room' }
    )
  ),
  expires: Type.Optional({ ...DurationSchema, description: 'A job that has not begun after so long is cancelled' })
}

export type GateEntry = Static<ReturnType<typeof Type.Object<typeof GateProperties>>>

/** What an entry says of its gate, and nothing else of it. */
export function gateOf (entry: GateEntry): GateEntry {
  return Object.fromEntries(
    Object.keys(GateProperties).flatMap((name) =>
      entry[name as keyof GateEntry] === undefined ? [] : [[name, entry[name as keyof GateEntry]]]
    )
  )
}

/** When a process may run, beyond that a worker is free. Times are milliseconds. */
export type Rules = {
  /** An attribute of the event, or a JSON pointer into it. */
  by: string
  /** Whether triggers that wait are merged: then one runs at a time. */
  merges: boolean
  quietMs: number
  maxDelayMs: number
  throttleMs: number
  edge: 'trailing' | 'leading' | 'both'
  defer: Timeout & { onUpstreamFailure: 'run' | 'fail' | 'hold' } | undefined
  waitFor: WaitFor | undefined
  concurrency: number | undefined
  perKey: number | undefined
  onCollision: 'enqueue' | 'cancel_new' | 'cancel_running'
}

/**
 * The rules of an entry, or undefined where it has none.
 *
 * @throws Error where they contradict each other
 */
export function toRules (entry: GateEntry): Rules | undefined {
  const { coalesce, defer, wait_for: waitFor, limit } = entry
  if (coalesce === undefined && defer === undefined && waitFor === undefined && limit === undefined) return undefined
  const keys = new Set(
    [coalesce, defer, waitFor, limit]
      .filter((one) => one !== undefined && (one !== limit || limit.by !== undefined))
      .map((one) => one?.by ?? 'subject')
  )
  if (keys.size > 1) throw new Error(`by: ${[...keys].join(' and ')} differ: a process has one key`)
  if (limit !== undefined && limit.concurrency === undefined && limit.per_key === undefined) {
    throw new Error('limit: needs concurrency, per_key or both')
  }
  const merges = coalesce !== undefined || defer !== undefined || waitFor !== undefined
  if (merges && limit?.per_key !== undefined && limit.per_key !== 1) {
    throw new Error('limit/per_key: what is merged runs one at a time')
  }
  if (coalesce?.max_delay !== undefined && coalesce.quiet === undefined) {
    throw new Error('coalesce/max_delay: has no meaning without quiet')
  }
  if (coalesce?.edge !== undefined && coalesce.edge !== 'trailing' && coalesce.quiet === undefined) {
    throw new Error('coalesce/edge: has no meaning without quiet')
  }
  const ms = (duration: string | undefined, otherwise: number): number =>
    duration === undefined ? otherwise : toMilliseconds(duration)
  return {
    by: [...keys][0] ?? 'subject',
    merges,
    quietMs: ms(coalesce?.quiet, 0),
    maxDelayMs: ms(coalesce?.max_delay, Infinity),
    throttleMs: ms(coalesce?.throttle, 0),
    edge: coalesce?.edge ?? 'trailing',
    defer: defer === undefined
      ? undefined
      : { ...toTimeout(defer), onUpstreamFailure: defer.on_upstream_failure ?? 'run' },
    waitFor: waitFor === undefined ? undefined : toWaitFor(waitFor),
    concurrency: limit?.concurrency,
    perKey: merges ? 1 : limit?.per_key,
    onCollision: limit?.on_collision ?? 'enqueue'
  }
}
