import type { Logger } from 'pino'
import { doubling, retry } from '../../base/retry.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import type { KeptArtefact } from '../../sdk/steps/artefact.ts'
import type { StepReport, StepReports } from '../../sdk/steps/reports.ts'
import { revOf } from '../documents/read.ts'
import {
  artefactsDoc, readStoredArtefacts, readStoredResults, readStoredSteps, resultsDoc, stepsDoc, type Owner,
  type StoredStep
} from '../jobs/steps.ts'
import { MAX_ARTEFACTS, MAX_STEPS, isAfter, leftBy, merge, nameOf, type Kept, type Told } from './step-merge.ts'

const EVERY_MS = 1000
/** A result that is to be remembered is written in so many tries, within half a minute. */
const TRIES = 6
const PAUSE_MS = 500

/** What a run of a job tells of its steps, on its way to the ledger. A run that tells nothing costs nothing. */
export interface StepRecord {
  reports: StepReports
  /** Writes what is not written yet; a step that is still open is over. undefined where nothing was told. */
  flush: () => Promise<void> | undefined
  /** Forgets all results: the job is complete. */
  forget: () => Promise<void> | undefined
}

type Given = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  job: string
  run: { round: number, taken: number, attempt: number, started: number }
  now: () => number
  log: Logger
  redactor: Pick<Redactor, 'value'>
  /** Told of every report of a step. */
  onStep: (report: StepReport) => void
}

type State = Given & {
  owner: Owner
  places: number
  own: Map<number, StoredStep>
  /** Of this run, steps for which there was no room any more. */
  stepsLeftOut: number
  /** What waits to be written. */
  artefacts: KeptArtefact[]
  artefactsLeftOut: number
  results: Told['results']
  earlier: Told['earlier']
  kept: Kept | undefined
  isTold: boolean
  /** Another run has begun: what this one tells is of no use any more. */
  isStale: boolean
  timer: NodeJS.Timeout | undefined
  writing: Promise<void>
}

export function createStepRecord (given: Given): StepRecord {
  // Most jobs tell of none.
  let made: State | undefined
  const state = (): State => (made ??= startState(given))
  return {
    reports: {
      open: () => state().places++,
      step: (report) => takeStep(state(), report),
      artefact: (artefact) => { takeArtefact(state(), given.redactor.value(artefact)) },
      recall: (key) => recall(state(), key)
    },
    flush: () => made === undefined ? undefined : flush(made),
    forget: () => made === undefined ? undefined : forget(made)
  }
}

function startState (given: Given): State {
  const { round, taken, attempt, started } = given.run
  return {
    ...given,
    owner: [round, taken, attempt, started],
    places: 0,
    own: new Map(),
    stepsLeftOut: 0,
    artefacts: [],
    artefactsLeftOut: 0,
    results: [],
    earlier: { steps: [], leftOut: 0 },
    kept: undefined,
    isTold: true,
    isStale: false,
    timer: undefined,
    writing: Promise.resolve()
  }
}

async function takeStep (state: State, { remember, ...report }: StepReport): Promise<void> {
  const { own, run: { round, attempt }, now, redactor, log, job } = state
  const told = redactor.value(report)
  const started = own.get(told.place)?.started ?? now()
  own.set(told.place, { ...told, round, attempt, started, ended: told.state === 'running' ? undefined : now() })
  forgetOldest(state)
  state.onStep(told)
  if (remember === undefined) return writeSoon(state)
  state.results.push(remember)
  state.isTold = false
  const trying = { tries: TRIES, delays: doubling(PAUSE_MS, PAUSE_MS * 16) }
  await retry(async () => { await write(state) }, trying).catch((error: unknown) => {
    log.warn({ err: error, job, step: told.name }, 'the result of a step is not kept')
  })
}

/** However many steps there are, no more are held than are kept: the oldest that is over goes first. */
function forgetOldest (state: State): void {
  const { own } = state
  if (own.size <= MAX_STEPS) return
  const [oldest] = own.keys()
  const [place = oldest] = [...own].flatMap(([one, { ended }]) => ended === undefined ? [] : [one])
  if (place === undefined) return
  own.delete(place)
  state.stepsLeftOut++
}

function takeArtefact (state: State, artefact: KeptArtefact): void {
  state.artefacts = [...state.artefacts.filter((one) => nameOf(one) !== nameOf(artefact)), artefact]
  if (state.artefacts.length > MAX_ARTEFACTS) {
    state.artefacts.shift()
    state.artefactsLeftOut++
  }
  writeSoon(state)
}

/** A ledger that does not answer costs the memory, not the job. */
async function recall (state: State, key: string): Promise<{ value: unknown } | undefined> {
  try {
    return (await read(state)).results.results[key]
  } catch (error) {
    state.log.warn({ err: error, job: state.job }, 'what steps remember cannot be read: they are done again')
    return undefined
  }
}

function writeSoon (state: State): void {
  state.isTold = false
  state.timer ??= setTimeout(() => { void writeQuietly(state) }, EVERY_MS)
}

/** What could not be written is written with what comes next. */
async function writeQuietly (state: State): Promise<void> {
  await write(state).catch((error: unknown) => {
    state.log.debug({ err: error, job: state.job }, 'steps not written')
  })
}

/** One after the other. */
async function write (state: State): Promise<void> {
  clearTimeout(state.timer)
  state.timer = undefined
  const writing = state.writing.then(() => writeAll(state))
  state.writing = writing.catch(() => {})
  await writing
}

async function writeAll (state: State): Promise<void> {
  while (!state.isTold) {
    const kept = await read(state)
    if (state.isStale) return
    state.isTold = true
    const told = takeTold(state)
    const { next, unit } = merge(state.job, kept, told)
    // Rejected, it may have been written all the same: what there is then is read before it is written again.
    state.kept = undefined
    let isWritten = false
    try {
      isWritten = (await state.ledger.commit(unit)).ok
    } finally {
      if (isWritten) state.kept = next
      else {
        state.artefacts.unshift(...told.artefacts)
        state.artefactsLeftOut += told.artefactsLeftOut
        state.results.unshift(...told.results)
        state.isTold = false
      }
    }
  }
}

function takeTold (state: State): Told {
  const { owner, earlier, stepsLeftOut, own, artefactsLeftOut } = state
  state.artefactsLeftOut = 0
  return {
    owner,
    earlier: { ...earlier, leftOut: earlier.leftOut + stepsLeftOut },
    own: [...own.values()],
    artefacts: state.artefacts.splice(0),
    artefactsLeftOut,
    results: state.results.splice(0)
  }
}

async function read (state: State): Promise<Kept> {
  if (state.kept !== undefined) return state.kept
  const { ledger, job, owner } = state
  const [steps, artefacts, results] = await ledger.get([stepsDoc(job), artefactsDoc(job), resultsDoc(job)])
  const found = readStoredSteps(steps)?.value
  state.isStale = found !== undefined && isAfter(found.owner, owner)
  // What this run has written itself was not left by an earlier one.
  if (found === undefined || isAfter(owner, found.owner)) state.earlier = leftBy(found)
  state.kept = {
    revs: { steps: revOf(steps), artefacts: revOf(artefacts), results: revOf(results) },
    steps: found,
    artefacts: readStoredArtefacts(artefacts)?.value ?? { v: 1, artefacts: [], left_out: 0 },
    results: readStoredResults(results)?.value ?? { v: 1, results: {} }
  }
  return state.kept
}

async function flush (state: State): Promise<void> {
  const { own, now } = state
  for (const [place, step] of own) {
    if (step.state !== 'running') continue
    own.set(place, { ...step, state: 'interrupted', ended: now() })
    state.isTold = false
  }
  if (state.timer !== undefined || !state.isTold) await writeQuietly(state)
  else await state.writing
}

async function forget (state: State): Promise<void> {
  if (state.isStale || state.kept === undefined || Object.keys(state.kept.results.results).length === 0) return
  const { ledger, job, log, kept: { revs } } = state
  const doc = resultsDoc(job)
  await ledger.commit({ expect: [{ doc, rev: revs.results }], remove: [doc] }).catch((error: unknown) => {
    log.debug({ err: error, job }, 'the results of the steps of a job are not forgotten yet')
  })
}
