import { concurrencyOf, hasEnded, type BackfillState } from './state.ts'

/** What people change of a backfill while it runs. Pure; the same state where there is nothing to change. */

export function paused (state: BackfillState): BackfillState {
  return state.paused === true || hasEnded(state) ? state : { ...state, paused: true }
}

export function resumed (state: BackfillState): BackfillState {
  return state.paused === true ? { ...state, paused: undefined } : state
}

export function cancelled (state: BackfillState): BackfillState {
  return state.cancelled || hasEnded(state) ? state : { ...state, cancelled: true }
}

export const withConcurrency = (concurrency: number) => (state: BackfillState): BackfillState =>
  concurrencyOf(state) === concurrency ? state : { ...state, concurrency }
