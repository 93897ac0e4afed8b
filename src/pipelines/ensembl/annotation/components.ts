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
  let hashes = new Uint32Array(1 << 12)
  let slots = new Int32Array(1 << 12)
  let parents = new Int32Array(1 << 11)
  let rows = new Int32Array(1 << 11)
  let size = 0

  function find (node: number): number {
    let top = node
    while (parents[top] !== top) top = parents[top]!
    while (parents[node] !== top) {
      const next = parents[node]!
      parents[node] = top
      node = next
    }
    return top
  }

  function grow (): void {
    parents = enlarged(parents)
    rows = enlarged(rows)
    const [oldHashes, oldSlots] = [hashes, slots]
    hashes = new Uint32Array(oldHashes.length * 2)
    slots = new Int32Array(oldSlots.length * 2)
    for (const [at, slot] of oldSlots.entries()) {
      if (slot === 0) continue
      const place = findSlot(hashes, slots, oldHashes[at]!)
      hashes[place] = oldHashes[at]!
      slots[place] = slot
    }
  }

  return {
    node: (id) => {
      const hash = hashOf(id)
      const place = findSlot(hashes, slots, hash)
      if (slots[place] !== 0) return slots[place]! - 1
      if (size === parents.length) {
        grow()
        return add(hash)
      }
      return add(hash, place)
    },
    join: (one, other) => {
      const [first, second] = [find(one), find(other)].sort((a, b) => a - b) as [number, number]
      parents[second] = first
    },
    addRow: (node) => { rows[node]!++ },
    split: (mostRows) => {
      const numbers = new Int32Array(size)
      const sums = new Int32Array(size)
      for (let node = 0; node < size; node++) sums[find(node)]! += rows[node]!
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
      return (node) => numbers[find(node)]!
    }
  }

  function add (hash: number, place = findSlot(hashes, slots, hash)): number {
    hashes[place] = hash
    parents[size] = size
    slots[place] = ++size
    return size - 1
  }
}

function findSlot (hashes: Uint32Array, slots: Int32Array, hash: number): number {
  const mask = slots.length - 1
  let place = hash & mask
  while (slots[place] !== 0 && hashes[place] !== hash) place = (place + 1) & mask
  return place
}

function enlarged (numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2)
  more.set(numbers)
  return more
}
