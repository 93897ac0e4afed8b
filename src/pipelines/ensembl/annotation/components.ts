import { hashOf } from '../sequence/hash.ts'

/** Which IDs belong together, as numbers: some 20 bytes each, however long they are. */
export interface Components {
  /** The number of an ID. Two IDs of one hash are one: that only puts together what need not be. */
  node: (id: string) => number
  join: (one: number, other: number) => void
  /** Counts a row for what the node belongs to. */
  addRow: (node: number) => void
  /** Numbers from 0: what belongs together has one number, each number has `mostRows` rows or little more. */
  split: (mostRows: number) => (node: number) => number
}

export function createComponents (): Components {
  const state: State = {
    hashes: new Uint32Array(1 << 12),
    slots: new Int32Array(1 << 12),
    parents: new Int32Array(1 << 11),
    rows: new Int32Array(1 << 11),
    size: 0
  }
  return {
    node: (id) => nodeOf(state, hashOf(id)),
    join: (one, other) => {
      const [first, second] = [find(state, one), find(state, other)].sort((a, b) => a - b) as [number, number]
      state.parents[second] = first
    },
    addRow: (node) => { state.rows[node]!++ },
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

function split (state: State, mostRows: number): (node: number) => number {
  const { size, rows, parents } = state
  const numbers = new Int32Array(size)
  const sums = new Int32Array(size)
  for (let node = 0; node < size; node++) sums[find(state, node)]! += rows[node]!
  let number = 0
  let filled = 0
  for (let node = 0; node < size; node++) {
    if (parents[node] !== node) continue
    if (filled > 0 && filled + sums[node]! > mostRows) {
      number++
      filled = 0
    }
    filled += sums[node]!
    numbers[node] = number
  }
  return (node) => numbers[find(state, node)]!
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
