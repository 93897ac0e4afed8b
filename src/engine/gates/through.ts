import { toOptions } from '../dispatch/event-flow.ts'
import { jobIdOf, type DispatchEvent } from '../../base/event.ts'
import type { Definition } from '../lookups/lookups.ts'
import { EVENTS_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { Absorbed, EventRecord, GateResult, JobData } from '../record.ts'
import type { Gate, Passed, Trigger } from './gate.ts'

/** What follows from a decision at a gate, so that it may be done again by whoever finds it undone. */
export interface Through {
  /** Puts the process job on its queue, once, however often this is called. `passed`: what its run answers. */
  letThrough: (data: JobData, definition: Definition, passed?: Passed) => Promise<GateResult>
  /** Whether an earlier keeper of this job died between its absorption and the end of the job. */
  absorbedBefore: (job: StoredJob, gate: Gate) => Promise<GateResult | undefined>
}

export function createThrough (queues: Pick<Queues, 'get' | 'getMany' | 'addChild' | 'updateData' | 'rerun'>): Through {
  async function letThrough (data: JobData, definition: Definition, passed?: Passed): Promise<GateResult> {
    const { key, process: processName, lineage, round, withEvent, parent } = data
    const id = jobIdOf(key, processName)
    const record = await recordOf(key)
    const queue = queueOf(record, id) ?? definition.queue
    const found = await queues.get(queue, id)
    if (found === undefined) {
      const answers = passed === undefined ? {} : await answersOf(passed, data, definition)
      const run: JobData = { process: processName, key, event: data.event, lineage, ...(record === undefined ? {} : { accepted: Date.parse(record.received) }), ...(round === undefined ? {} : { round }), ...(withEvent === undefined ? {} : { withEvent }), ...(parent === undefined ? {} : { parent }), ...answers }
      await queues.addChild({ queue: EVENTS_QUEUE, id: key }, { queue, id, name: processName, data: run, options: toOptions(definition) })
    } else if (((found.data as JobData).round ?? 0) !== (round ?? 0)) {
      const { cancel: _cancel, ...rest } = found.data as JobData
      await queues.updateData(queue, id, { ...rest, round })
      await queues.rerun(queue, id)
    }
    return { passed: true }
  }

  const recordOf = async (key: string): Promise<EventRecord | undefined> => (await queues.get(EVENTS_QUEUE, key))?.data as EventRecord | undefined

  /** The record says on which queue the job lies, whatever the lookups say by now. */
  const queueOf = (record: EventRecord | undefined, id: string): string | undefined => record?.jobs.find((one) => one.id === id)?.queue

  /** A run has the latest event, and is told of all that it absorbed; a join has the last event of each type. */
  async function answersOf ({ latest, absorbed }: Passed, data: JobData, { rules }: Definition): Promise<Pick<JobData, 'event' | 'absorbed' | 'joined'>> {
    const joins = rules?.waitFor !== undefined
    const [last, ...others] = await eventsOf([latest, ...joins ? lastOfEach(absorbed) : []])
    const list = absorbed.map(({ event, type }): Absorbed => ({ event, type, job: jobIdOf(event, data.process) }))
    const joined = [data.event, ...others, last].flatMap((event) => event === undefined ? [] : [[event.type, event] as const])
    return { event: last ?? data.event, ...(list.length === 0 ? {} : { absorbed: list }), ...(joins ? { joined: Object.fromEntries(joined) } : {}) }
  }

  async function eventsOf (keys: string[]): Promise<Array<DispatchEvent | undefined>> {
    const found = await queues.getMany(keys.map((id) => ({ queue: EVENTS_QUEUE, id })))
    return found.map((root) => (root?.data as EventRecord | undefined)?.event)
  }

  async function absorbedBefore (job: StoredJob, gate: Gate): Promise<GateResult | undefined> {
    const data = job.data as JobData
    const by = (job.progress as { absorbing?: string } | undefined)?.absorbing
    if (by === undefined) return undefined
    const has = (list: Array<{ event: string }> | undefined): boolean => list?.some(({ event }) => event === data.key) === true
    if (gate.waiting?.first.event === by && has(gate.waiting.absorbed)) return absorbedBy(by, data.process)
    if (gate.running.some((one) => one.event === by && has(one.absorbed))) return absorbedBy(by, data.process)
    const id = jobIdOf(by, data.process)
    const queue = queueOf(await recordOf(by), id)
    const run = queue === undefined ? undefined : await queues.get(queue, id)
    return has((run?.data as JobData | undefined)?.absorbed) ? absorbedBy(by, data.process) : undefined
  }

  return { letThrough, absorbedBefore }
}

export const absorbedBy = (event: string, processName: string): GateResult => ({ absorbed: { event, job: jobIdOf(event, processName) } })

const lastOfEach = (triggers: Trigger[]): string[] => [...new Map(triggers.map(({ type, event }) => [type, event])).values()]
