import type { Ledger } from './contract.ts'

/** The datastore's clock as it is known here: asked now and then, so that asking the time costs nothing. */
export interface Clock {
  now: () => number
  /** How far it is ahead of the clock of this machine, milliseconds. */
  aheadMs: () => number
  close: () => void
}

const ASK_MS = 30_000

export async function openClock (ledger: Pick<Ledger, 'now'>, onError: (error: Error) => void): Promise<Clock> {
  let aheadMs = await askHowFarAhead(ledger)
  const ask = (): void => { askHowFarAhead(ledger).then((found) => { aheadMs = found }, onError) }
  const timer = setInterval(ask, ASK_MS)
  return { now: () => Date.now() + aheadMs, aheadMs: () => aheadMs, close: () => { clearInterval(timer) } }
}

async function askHowFarAhead (ledger: Pick<Ledger, 'now'>): Promise<number> {
  const asked = Date.now()
  const told = await ledger.now()
  return Math.round(told - (asked + Date.now()) / 2)
}
