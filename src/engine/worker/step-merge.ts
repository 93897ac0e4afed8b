import type { Unit } from '../../ledger/contract.ts'
import type { KeptArtefact } from '../../sdk/steps/artefact.ts'
import { STEPS } from '../dispatch/facts.ts'
import { jobDoc } from '../documents/names.ts'
import {
  artefactsDoc, resultsDoc, stepsDoc, type Owner, type StoredArtefacts, type StoredResults, type StoredStep,
  type StoredSteps
} from '../jobs/steps.ts'

/** What is kept of a job, over all its attempts: the last ones; of results the first. */
export const MAX_STEPS = 100
export const MAX_ARTEFACTS = 16
const MAX_RESULTS = 100
const MAX_RESULTS_LENGTH = 262_144

/** The documents as they were read or written last; `steps` is undefined where the job has none yet. */
export type Kept = {
  revs: { steps: number, artefacts: number, results: number }
  steps: StoredSteps | undefined
  artefacts: StoredArtefacts
  results: StoredResults
}

/** What a run puts to that. */
export type Told = {
  owner: Owner
  /** What the runs before it have left, and how much of that is not kept. */
  earlier: { steps: StoredStep[], leftOut: number }
  own: StoredStep[]
  artefacts: KeptArtefact[]
  /** Artefacts for which there was no room before they were written. */
  artefactsLeftOut: number
  results: Array<{ key: string, value: unknown }>
}

export function isAfter (one: Owner, other: Owner): boolean {
  const i = one.findIndex((part, place) => part !== other[place])
  return i !== -1 && (one[i] ?? 0) > (other[i] ?? 0)
}

/** What earlier runs have left: what ran then is over. */
export function leftBy (steps: StoredSteps | undefined): Told['earlier'] {
  const over = (step: StoredStep): StoredStep => step.state === 'running' ? { ...step, state: 'interrupted' } : step
  return { steps: (steps?.steps ?? []).map(over), leftOut: steps?.left_out ?? 0 }
}

/** The documents with what is told, and the unit that makes them so. Harmless when repeated. Pure. */
export function merge (job: string, kept: Kept, told: Told): { next: Kept, unit: Unit } {
  const { revs } = kept
  const [steps, artefacts, results] = [withSteps(told), withArtefacts(kept, told), withResults(kept, told)]
  const hasArtefacts = told.artefacts.length > 0
  const hasResults = told.results.length > 0
  const docs = [
    { doc: stepsDoc(job), rev: revs.steps, value: steps, isNew: true },
    { doc: artefactsDoc(job), rev: revs.artefacts, value: artefacts, isNew: hasArtefacts },
    { doc: resultsDoc(job), rev: revs.results, value: results, isNew: hasResults }
  ].filter(({ isNew }) => isNew)
  return {
    next: {
      revs: {
        steps: revs.steps + 1,
        artefacts: revs.artefacts + (hasArtefacts ? 1 : 0),
        results: revs.results + (hasResults ? 1 : 0)
      },
      steps,
      artefacts,
      results
    },
    unit: {
      expect: docs.map(({ doc, rev }) => ({ doc, rev })),
      put: docs.map(({ doc, value }) => ({ doc, value })),
      increments: kept.steps === undefined ? [{ doc: jobDoc(job), field: STEPS, by: 1 }] : []
    }
  }
}

function withSteps ({ owner, earlier, own }: Told): StoredSteps {
  const all = [...earlier.steps, ...own]
  const more = Math.max(0, all.length - MAX_STEPS)
  return { v: 1, owner, steps: all.slice(more), left_out: earlier.leftOut + more }
}

/** One of the same name, given by the same step, takes the place of the earlier one. */
function withArtefacts ({ artefacts: { artefacts, left_out: before } }: Kept, told: Told): StoredArtefacts {
  const byName = new Map(artefacts.map((one) => [nameOf(one), one]))
  for (const one of told.artefacts) {
    byName.delete(nameOf(one))
    byName.set(nameOf(one), one)
  }
  const more = Math.max(0, byName.size - MAX_ARTEFACTS)
  return { v: 1, artefacts: [...byName.values()].slice(more), left_out: before + told.artefactsLeftOut + more }
}

export const nameOf = ({ step = '', name }: KeptArtefact): string => JSON.stringify([step, name])

/** A result for which there is no room any more is not kept: its step is done again. */
function withResults ({ results: { results } }: Kept, told: Told): StoredResults {
  let all = results
  for (const { key, value } of told.results) {
    const next = { ...all, [key]: { value } }
    if (Object.keys(next).length <= MAX_RESULTS && JSON.stringify(next).length <= MAX_RESULTS_LENGTH) all = next
  }
  return { v: 1, results: all }
}
