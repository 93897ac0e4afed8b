import type { TSchema } from 'typebox'
import type { DispatchEvent, FollowOn } from '../base/event.ts'
import type { LoadBlock } from './blocks/kind.ts'
import type { Call } from './call.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Artefact } from './steps/artefact.ts'
import type { Progress } from './steps/progress.ts'
import type { Step } from './steps/step.ts'
import type { Store } from './store/store.ts'

export type { Progress } from './steps/progress.ts'

/*
 * event            something that happened: id, source, type, subject, time, data and any other attribute
 * process          a named unit of work, the key of process_lookup.json: what it takes, and a function
 * parameters       the event's data over those of the lookup entry; some belong to the operator alone
 * job              one run of a process for an event, addressed as (process, job id); an attempt is one try of it
 * step             a named part of the work of a job, with its time, tries, counts and progress
 * artefact         something small that a job shows beside its result: a table, a link, a text in Markdown
 * outcome          what a process returns: `{ output, events }`
 * follow-on event  an event of an outcome, dispatched in turn
 * pipeline         processes that belong together, shipped as one folder, with their kinds of blocks and their queries
 * runner           how a process is executed: its function, or a program, a service, a hive, a foreign worker
 */

/** What an event lacks: the path of a field, such as `data/fasta`, and what is wrong there. */
export type Check = (event: unknown) => Array<{ field: string, message: string }>

/** All that is known of a process before it runs. */
export type ProcessDefinition = {
  /** What `{ "module": NAME }` of a lookup entry calls it, and the key of an entry without `run`. */
  readonly name: string
  /**
   * JSON Schema (draft 7) of the event that it takes; the parameters are the properties of its `data`. They are checked
   * with those of the lookup entry filled in, before anything is queued. The `params.schema` of an entry can only
   * narrow it.
   */
  readonly params: TSchema
  /** Parameters that no event may give, whatever the lookup entry says: the name of a block, a program, a limit. */
  readonly operatorsOwn?: readonly string[]
  /** What a schema cannot say. */
  readonly check?: Check
  /**
   * Why there is nothing for it to do for such an event, with the parameters filled in; undefined where there is. Then
   * the other processes that the event starts run without it; one that would run alone refuses the event.
   */
  readonly nothingToDo?: (event: DispatchEvent) => string | undefined
  /** Imports the function when the process first runs, so that a role pays for what it uses only. */
  readonly load: () => Promise<ProcessFunction>
}

/** An event whose job another one has absorbed. */
export type Trigger = { event: DispatchEvent, job: string }

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
  /** The other triggers that this run answers, oldest first: the first 1,000 of them, of at most 1 MB in all. */
  readonly absorbed: Trigger[]
  /** How many they are in all. */
  readonly absorbedCount: number
  /** All of them, by pages of at most 50, oldest first. */
  readonly allAbsorbed: () => AsyncIterable<Trigger[]>
  /** Where the process waits for events of several types: the last of each, by type. */
  readonly joined: Record<string, DispatchEvent>
  /** W3C trace context of this run, for what it calls; undefined where nobody traces. */
  readonly traceparent?: string | undefined
  /** Aborted on timeout, cancellation and shutdown; pass it on to every wait. */
  readonly signal: AbortSignal
  /** Appends a line to the job's log, which is readable over HTTP. */
  readonly log: (line: string) => void
  readonly progress: (progress: Progress) => void
  /** Runs a named step of the work, with tries and a memory of its own where that is wanted. */
  readonly step: Step
  /** Shows a small table, a link or a text beside the job. */
  readonly artefact: (artefact: Artefact) => void
  readonly store: Store
  readonly inputs: Inputs
  /**
   * Loads named configuration, such as `await block(coreDatabase, params.server)`, with the value
   * of now. What was secret in it is taken out of the log, the reason and the result of the job.
   */
  readonly block: LoadBlock
  /** Runs a function or a program of the operator's inside this job. */
  readonly call: Call
}

/** What a process returns: `output` is any JSON value, `events` are dispatched in turn. */
export interface ProcessOutcome { output?: unknown, events?: FollowOn[] }

/**
 * A process is one function. It may run twice for the same job (a worker can die after the work and before the
 * record of it), so the second run must be harmless.
 */
export type ProcessFunction<Params = Record<string, unknown>> =
  (context: ProcessContext<Params>) => Promise<ProcessOutcome>

/** A definition from a function that names its parameters: what `params` lets through is what the function is given. */
export function defineProcess<Params> (
  { load, ...definition }: Omit<ProcessDefinition, 'load'> & { load: () => Promise<ProcessFunction<Params>> }
): ProcessDefinition {
  return { ...definition, load: load as ProcessDefinition['load'] }
}
