import { errors } from '../../base/errors.ts'
import { maskSecrets } from '../../base/mask.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { Processes as ProcessList, ProcessView } from '../../schemas/lookups.ts'
import type { Act } from '../../schemas/parts.ts'
import { createActs, processThing } from '../documents/acts.ts'
import { PAUSES_TOPIC, pausedNames, writePaused } from '../gates/paused.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'

/** The processes of the lookups, and whether their jobs may begin. */
export interface Processes {
  list: () => Promise<ProcessList>
  /** Begins no job of a process, whatever queue it shares; running ones go on. @throws UNKNOWN_PROCESS */
  pause: (name: string, by?: string, note?: string) => Promise<ProcessView>
  /** @throws UNKNOWN_PROCESS */
  resume: (name: string, by?: string) => Promise<ProcessView>
}

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  work: Pick<Work, 'publish' | 'pause' | 'resume'>
  verbs: { wakeGates: (processName: string) => Promise<void> }
  lookups: () => Lookups
  now: () => number
}

export function createProcesses (state: Dependencies): Processes {
  return {
    list: list.bind(null, state),
    pause: change.bind(null, state, 'pause'),
    resume: change.bind(null, state, 'resume')
  }
}

async function list ({ ledger, lookups }: Dependencies): Promise<ProcessList> {
  const { hash, processes } = lookups()
  const all = [...processes.values()]
  const things = all.map((one) => processThing(one.name))
  const [paused, acts] = await Promise.all([pausedNames(ledger), createActs(ledger).read(things)])
  return { lookups: hash, items: all.map((one, i) => toView(one, paused.includes(one.name), acts[i])) }
}

async function change (
  { ledger, work, verbs, lookups, now }: Dependencies,
  action: 'pause' | 'resume',
  name: string,
  by?: string,
  note?: string
): Promise<ProcessView> {
  const { processes } = lookups()
  const definition = processes.get(name)
  if (definition === undefined) throw errors.unknownProcess(name)
  await writePaused(ledger, name, action === 'pause')
  await work.publish(PAUSES_TOPIC, {})
  if (action === 'resume') await verbs.wakeGates(name)
  const isShared = [...processes.values()].some((other) => other.queue === definition.queue && other.name !== name)
  // Where the queue is its own, its jobs need not even be taken to be put back.
  if (!isShared) await work[action](definition.queue)
  const acts = createActs(ledger)
  if (by !== undefined) await acts.note(processThing(name), { act: action, by, note, at: now() })
  const [told] = await acts.read([processThing(name)])
  return toView(definition, action === 'pause', told)
}

function toView (one: Definition, paused: boolean, acts: Act[] | undefined): ProcessView {
  return {
    process: one.name,
    queue: one.queue,
    run: maskSecrets(one.run) as Record<string, unknown>,
    params: maskSecrets(paramsOf(one)) as Record<string, unknown>,
    attempts: one.attempts,
    timeout_ms: one.timeoutMs ?? null,
    priority: one.priority,
    concurrency: one.concurrency ?? null,
    emits: one.emits === undefined ? null : [...one.emits],
    gate: one.gate,
    notify: one.notifyEntry,
    paused,
    acts,
    description: one.description ?? null
  }
}

const paramsOf = ({ defaults, fixed, schema }: Definition): object => ({ default: defaults, fixed, schema })
