import { Type, type Static } from 'typebox'
import { STEP_STATES, type StepState } from '../../base/step-state.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { KeptArtefact } from '../../sdk/steps/artefact.ts'
import type { JobStatus, JobView } from '../../schemas/jobs.ts'
import type { StepView } from '../../schemas/steps.ts'
import { createReader, revOf } from '../documents/read.ts'

type Reads = Pick<Ledger, 'get'>

/** Times are milliseconds. */
const StoredStepSchema = Type.Object({
  round: Type.Integer(),
  attempt: Type.Integer(),
  place: Type.Integer(),
  name: Type.String(),
  state: Type.Unsafe<StepState>(Type.Union(STEP_STATES.map((state) => Type.Literal(state)))),
  tries: Type.Integer(),
  started: Type.Number(),
  ended: Type.Optional(Type.Number()),
  counts: Type.Optional(Type.Record(Type.String(), Type.Number())),
  progress: Type.Optional(Type.Object({ complete: Type.Number() }, { additionalProperties: true })),
  reason: Type.Optional(Type.String())
})
export type StoredStep = Static<typeof StoredStepSchema>

/** The run that writes: round, losses of workers before it, attempt, when it began. A later one is greater. */
const OwnerSchema = Type.Array(Type.Number())
export type Owner = Static<typeof OwnerSchema>

const StepsSchema = Type.Object({
  v: Type.Literal(1),
  owner: OwnerSchema,
  steps: Type.Array(StoredStepSchema),
  /** How many there were before those that are kept. */
  left_out: Type.Integer()
})
const ArtefactsSchema = Type.Object({
  v: Type.Literal(1),
  artefacts: Type.Array(Type.Unsafe<KeptArtefact>(Type.Object({ name: Type.String(), kind: Type.String() }))),
  left_out: Type.Integer()
})
const ResultsSchema = Type.Object({
  v: Type.Literal(1),
  results: Type.Record(Type.String(), Type.Object({ value: Type.Unknown() }))
})
export type StoredSteps = Static<typeof StepsSchema>
export type StoredArtefacts = Static<typeof ArtefactsSchema>
export type StoredResults = Static<typeof ResultsSchema>

export const readStoredSteps = createReader(StepsSchema, 'list of steps')
export const readStoredArtefacts = createReader(ArtefactsSchema, 'list of artefacts')
export const readStoredResults = createReader(ResultsSchema, 'memory of steps')

export const stepsDoc = (job: string): string => `steps:${job}`
export const artefactsDoc = (job: string): string => `artefacts:${job}`
export const resultsDoc = (job: string): string => `results:${job}`

/** A step as it is told. One that seems to run is over where its job is not running. */
export function toStep (
  { round, attempt, name, state, tries, started, ended, counts, progress, reason }: StoredStep,
  status: JobStatus
): StepView {
  return {
    name,
    status: state === 'running' && status !== 'running' ? 'interrupted' : state,
    round,
    attempt,
    tries,
    started: new Date(started).toISOString(),
    ended: ended === undefined ? null : new Date(ended).toISOString(),
    counts: counts ?? {},
    progress: (progress ?? null) as StepView['progress'],
    reason: reason ?? null
  }
}

/** The view of a job with its steps and artefacts. */
export async function withSteps (
  ledger: Reads,
  { steps: count }: { steps: number },
  view: JobView
): Promise<JobView> {
  if (count === 0) return view
  const [steps, artefacts] = await ledger.get([stepsDoc(view.id), artefactsDoc(view.id)])
  return {
    ...view,
    steps: readStoredSteps(steps)?.value.steps.map((step) => toStep(step, view.status)) ?? [],
    artefacts: readStoredArtefacts(artefacts)?.value.artefacts ?? []
  }
}

/** Of each of these jobs what it has of steps. */
export async function readSteps (ledger: Reads, jobs: string[]): Promise<StoredStep[][]> {
  const found = jobs.length === 0 ? [] : await ledger.get(jobs.map(stepsDoc))
  return found.map((one) => readStoredSteps(one)?.value.steps ?? [])
}

/** With their job. */
export async function forgetSteps (ledger: Pick<Ledger, 'get' | 'commit'>, job: string): Promise<void> {
  const docs = [stepsDoc(job), artefactsDoc(job), resultsDoc(job)]
  for (;;) {
    const found = await ledger.get(docs)
    const left = docs.flatMap((doc, i) => found[i]?.value === undefined ? [] : [{ doc, rev: revOf(found[i]) }])
    if (left.length === 0) return
    if ((await ledger.commit({ expect: left, remove: left.map(({ doc }) => doc) })).ok) return
  }
}
