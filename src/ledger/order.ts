import type { Entered, Page } from './contract.ts'

/** One set of a ledger in memory: members in the order of score, then of code points. */
export interface Order {
  set: (member: string, score: number) => void
  delete: (member: string) => void
  size: () => number
  page: (page: Page & { limit: number }) => Entered[]
}

export function createOrder (): Order {
  const scores = new Map<string, number>()
  const sorted: Entered[] = []

  function drop (member: string): void {
    const score = scores.get(member)
    if (score === undefined) return
    sorted.splice(firstFrom(sorted, [score, member]), 1)
    scores.delete(member)
  }

  return {
    set: (member, score) => {
      if (scores.get(member) === score) return
      drop(member)
      scores.set(member, score)
      sorted.splice(firstFrom(sorted, [score, member]), 0, [score, member])
    },
    delete: drop,
    size: () => sorted.length,
    page: (page) => read(sorted, page)
  }
}

function read (sorted: Entered[], page: Page & { limit: number }): Entered[] {
  const { after, limit, reverse = false, min = -Infinity, max = Infinity } = page
  let [start, end] = [firstOf(sorted, ([score]) => score >= min), firstOf(sorted, ([score]) => score > max)]
  if (after !== undefined && reverse) end = Math.min(end, firstFrom(sorted, after))
  if (after !== undefined && !reverse) start = Math.max(start, firstOf(sorted, (one) => compare(one, after) > 0))
  const part = reverse
    ? sorted.slice(Math.max(start, end - limit), Math.max(start, end)).reverse()
    : sorted.slice(start, Math.min(end, start + limit))
  return part.map(([score, member]) => [score, member])
}

const firstFrom = (sorted: Entered[], place: Entered): number => firstOf(sorted, (one) => compare(one, place) >= 0)

/** The first place from which on all are past; by halves. */
function firstOf (sorted: Entered[], isPast: (entered: Entered) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isPast(sorted[middle] as Entered)) high = middle
    else low = middle + 1
  }
  return low
}

function compare ([score, member]: Entered, [other, otherMember]: Entered): number {
  return score - other || compareNames(member, otherMember)
}

const SURROGATE = /[\ud800-\udfff]/

/** As bytes of UTF-8 compare, which is as code points do. */
function compareNames (a: string, b: string): number {
  if (a === b) return 0
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}
