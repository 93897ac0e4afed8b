/** Which IDs belong together, as numbers: some 20 bytes each, however long they are. */
export interface Components {
  /** The number of an ID by its hash. Two IDs of one hash are one: that only puts together what need not be. */
  node: (hash: number) => number
  join: (one: number, other: number) => void
  /** Counts a row for what the node belongs to. */
  addRow: (node: number) => void
  readonly rows: number
  /** What belongs together is in one section; a section has `mostRows` rows, or those of its one component. */
  split: (mostRows: number) => SectionPlan
}

/** Sections have numbers from 0, in the order of their first rows. */
export type SectionPlan = { of: (node: number) => number, rows: number[] }

export function createComponents (): Components {
  const state: State = {
    hashes: new Uint32Array(1 << 12),
    slots: new Int32Array(1 << 12),
    parents: new Int32Array(1 << 11),
    rows: new Int32Array(1 << 11),
    size: 0,
    total: 0
  }
  return {
    node: (hash) => nodeOf(state, hash),
    join: (one, other) => { join(state, find(state, one), find(state, other)) },
    addRow: (node) => {
      state.rows[node]!++
      state.total++
    },
    get rows () { return state.total },
    split: (mostRows) => split(state, mostRows)
  }
}

type State = {
  /** Of each slot the hash that lies there, and the node and one; 0 where it is free. */
  hashes: Uint32Array
  slots: Int32Array
  /** Of each node the one above it; itself at the top. */
  parents: Int32Array
  rows: Int32Array
  size: number
  total: number
}

function nodeOf (state: State, hash: number): number {
  const place = findSlot(state.hashes, state.slots, hash)
  if (state.slots[place] !== 0) return state.slots[place]! - 1
  if (state.size < state.parents.length) return add(state, hash, place)
  grow(state)
  return add(state, hash, findSlot(state.hashes, state.slots, hash))
}

function add (state: State, hash: number, place: number): number {
  state.hashes[place] = hash
  state.parents[state.size] = state.size
  state.slots[place] = ++state.size
  return state.size - 1
}

function grow (state: State): void {
  state.parents = enlarged(state.parents)
  state.rows = enlarged(state.rows)
  const { hashes, slots } = state
  state.hashes = new Uint32Array(hashes.length * 2)
  state.slots = new Int32Array(slots.length * 2)
  for (const [at, slot] of slots.entries()) {
    if (slot === 0) continue
    const place = findSlot(state.hashes, state.slots, hashes[at]!)
    state.hashes[place] = hashes[at]!
    state.slots[place] = slot
  }
}

function find ({ parents }: State, node: number): number {
  let top = node
  while (parents[top] !== top) top = parents[top]!
  for (let at = node; parents[at] !== top;) {
    const next = parents[at]!
    parents[at] = top
    at = next
  }
  return top
}

/** Under the one that came first. */
function join ({ parents }: State, one: number, other: number): void {
  parents[Math.max(one, other)] = Math.min(one, other)
}

function split (state: State, mostRows: number): SectionPlan {
  const { size, rows, parents } = state
  const sums = new Int32Array(size)
  for (let node = 0; node < size; node++) sums[find(state, node)]! += rows[node]!
  const numbers = new Int32Array(size)
  const sections: number[] = []
  for (let node = 0; node < size; node++) {
    if (parents[node] !== node) continue
    const filled = sections.at(-1) ?? 0
    if (filled === 0 || filled + sums[node]! > mostRows) sections.push(sums[node]!)
    else sections[sections.length - 1] = filled + sums[node]!
    numbers[node] = sections.length - 1
  }
  return { of: (node) => numbers[find(state, node)]!, rows: sections }
}

function findSlot (hashes: Uint32Array, slots: Int32Array, hash: number): number {
  const mask = slots.length - 1
  let place = hash & mask
  while (slots[place] !== 0 && hashes[place] !== hash) place = (place + 1) & mask
  return place
}

function enlarged (numbers: Int32Array): Int32Array {
  const more = new Int32Array(numbers.length * 2)
  more.set(numbers)
  return more
}
