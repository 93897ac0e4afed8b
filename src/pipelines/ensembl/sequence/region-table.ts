import { hashOf } from './hash.ts'
import { createNumbers } from './numbers.ts'
import type { Numbers } from './numbers.ts'

/** `length` in bases; `description` is the header after the first blank. */
export type Region = {
  name: string
  description: string
  length: number
  /** What the annotation calls it, such as `chromosome`. */
  word: string | undefined
  isCircular: boolean
}

/** The records of a FASTA: some 25 bytes of memory each, their headers stay in the file. */
export interface Regions {
  readonly size: number
  get: (name: string) => Region | undefined
  has: (name: string) => boolean
  /** In the order of the input. */
  values: () => Generator<Region>
  at: (index: number) => Region
  /** -1 where there is none of that name. */
  indexOf: (name: string) => number
  setWord: (index: number, word: string) => void
  setCircular: (index: number) => void
}

export interface RegionTable extends Regions {
  /** `offset` is where its header begins in the file, which letters follow. False where the name was there before. */
  add: (name: string, offset: number, headerBytes: number) => boolean
  /** Where its letters begin. */
  startOf: (index: number) => number
  lengthOf: (index: number) => number
}

export type ReadHeader = (offset: number, bytes: number) => string

const MOST_CACHED = 10_000

type State = {
  offsets: Numbers
  headerBytes: Numbers
  hashes: Numbers
  words: Numbers
  slots: Int32Array
  size: number
  wordNames: string[]
  circular: Set<number>
  cached: Map<string, number>
  readHeader: ReadHeader
  /** Where the last record ends. */
  end: () => number
}

export function createRegionTable (readHeader: ReadHeader, end: () => number): RegionTable {
  const state: State = {
    offsets: createNumbers((length) => new Float64Array(length)),
    headerBytes: createNumbers((length) => new Uint32Array(length)),
    hashes: createNumbers((length) => new Uint32Array(length)),
    words: createNumbers((length) => new Uint16Array(length)),
    slots: new Int32Array(128),
    size: 0,
    wordNames: [],
    circular: new Set(),
    cached: new Map(),
    readHeader,
    end
  }
  return {
    get size () { return state.size },
    add: (name, offset, headerBytes) => add(state, name, offset, headerBytes),
    startOf: (index) => startOf(state, index),
    lengthOf: (index) => lengthOf(state, index),
    indexOf: (name) => find(state, name),
    has: (name) => find(state, name) !== -1,
    get: (name) => {
      const index = find(state, name)
      return index === -1 ? undefined : regionAt(state, index)
    },
    at: (index) => regionAt(state, index),
    values: function * () {
      for (let index = 0; index < state.size; index++) yield regionAt(state, index)
    },
    setWord: (index, word) => {
      const known = state.wordNames.indexOf(word)
      state.words.set(index, 1 + (known === -1 ? state.wordNames.push(word) - 1 : known))
    },
    setCircular: (index) => { state.circular.add(index) }
  }
}

export function nameOf (header: string): string {
  return header.split(/\s/, 1)[0]!
}

function regionAt (state: State, index: number): Region {
  const header = headerAt(state, index)
  const [name = '', description = ''] = header.split(/\s+(.*)/s)
  return {
    name,
    description,
    length: lengthOf(state, index),
    word: state.wordNames[state.words.get(index) - 1],
    isCircular: state.circular.has(index)
  }
}

function headerAt ({ readHeader, offsets, headerBytes }: State, index: number): string {
  return readHeader(offsets.get(index), headerBytes.get(index))
}

function startOf ({ offsets, headerBytes }: State, index: number): number {
  return offsets.get(index) + headerBytes.get(index)
}

function lengthOf (state: State, index: number): number {
  return (index + 1 < state.size ? state.offsets.get(index + 1) : state.end()) - startOf(state, index)
}

function find (state: State, name: string): number {
  const known = state.cached.get(name)
  if (known !== undefined) return known
  const index = state.slots[slotOf(state, name)]! - 1
  if (state.cached.size >= MOST_CACHED) state.cached.clear()
  if (index !== -1) state.cached.set(name, index)
  return index
}

function add (state: State, name: string, offset: number, headerBytes: number): boolean {
  if (state.size * 4 >= state.slots.length * 3) growSlots(state)
  const slot = slotOf(state, name)
  if (state.slots[slot] !== 0) return false
  const index = state.size++
  state.slots[slot] = index + 1
  state.offsets.set(index, offset)
  state.headerBytes.set(index, headerBytes)
  state.hashes.set(index, hashOf(name))
  return true
}

/** The slot of the name, or the free one that would be its own. */
function slotOf (state: State, name: string): number {
  const { slots, hashes } = state
  const mask = slots.length - 1
  const hash = hashOf(name)
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const index = slots[slot]! - 1
    if (index === -1) return slot
    if (hashes.get(index) === hash && nameOf(headerAt(state, index)) === name) return slot
  }
}

function growSlots (state: State): void {
  const slots = new Int32Array(state.slots.length * 2)
  for (let index = 0; index < state.size; index++) {
    let slot = state.hashes.get(index) & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = index + 1
  }
  state.slots = slots
}
