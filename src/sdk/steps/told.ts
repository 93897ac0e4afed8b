import type { StepState } from '../../base/step-state.ts'
import type { KeptArtefact } from './artefact.ts'
import type { StepReport, StepReports } from './reports.ts'

/** A step as a run has left it. */
export type ToldStep = {
  name: string
  state: StepState
  tries: number
  counts: Readonly<Record<string, number>>
  reason?: string | undefined
}

/** Steps and artefacts of runs in memory, for tests. `remembered` may be given to a later run of the same job. */
export function tellInMemory (remembered = new Map<string, unknown>()): {
  reports: StepReports
  steps: () => ToldStep[]
  artefacts: KeptArtefact[]
} {
  const told = new Map<number, StepReport>()
  const artefacts: KeptArtefact[] = []
  let places = 0
  return {
    artefacts,
    steps: () =>
      [...told.values()].map(({ name, state, tries, counts = {}, reason }) => ({ name, state, tries, counts, reason })),
    reports: {
      open: () => places++,
      step: async ({ remember, ...report }) => {
        told.set(report.place, report)
        if (remember !== undefined) remembered.set(remember.key, remember.value)
      },
      artefact: (artefact) => { artefacts.push(artefact) },
      recall: async (key) => remembered.has(key) ? { value: remembered.get(key) } : undefined
    }
  }
}
