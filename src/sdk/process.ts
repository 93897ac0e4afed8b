import type { LoadBlock } from './blocks/kind.ts'
import type { DispatchEvent, FollowOn } from '../base/event.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Store } from './store/open.ts'

/** How far a job has come. `complete` of `total` units of the process's own choosing (records, bytes, files). */
export type Progress = { complete: number, total?: number, message?: string }

/**
 * Everything a process is given. It knows neither HTTP nor queues.
 *
 * `params` are the parameters of its lookup entry, with the event's `data` over them.
 */
export interface ProcessContext<Params = Record<string, unknown>> {
  readonly event: DispatchEvent
  readonly params: Params
  readonly processName: string
  readonly jobId: string
  /** 1 on the first attempt. */
  readonly attempt: number
  /** The other triggers that this run answers: their events can be asked for at `GET /events/:id`. */
  readonly absorbed: Array<{ event: string, type: string, job: string }>
  /** Where the process waits for events of several types: the last of each, by type. */
  readonly joined: Record<string, DispatchEvent>
  /** Aborted on timeout, cancellation and shutdown; pass it on to every wait. */
  readonly signal: AbortSignal
  /** Appends a line to the job's log, which is readable over HTTP. */
  readonly log: (line: string) => void
  readonly progress: (progress: Progress) => void
  readonly store: Store
  readonly inputs: Inputs
  /**
   * Loads named configuration, such as `await block(coreDatabase, params.server)`, with the value of now. What was secret
   * in it is taken out of the log, the reason and the result of the job.
   */
  readonly block: LoadBlock
}

/** What a process returns: `output` is any JSON value, `events` are dispatched in turn. */
export interface ProcessOutcome { output?: unknown, events?: FollowOn[] }

/**
 * A process is one function. It may run twice for the same job (a worker can die after the work and before the
 * record of it), so the second run must be harmless.
 */
export type ProcessFunction<Params = Record<string, unknown>> =
  (context: ProcessContext<Params>) => Promise<ProcessOutcome>
