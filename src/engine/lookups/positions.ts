/** Where a value begins in a text, both from 1. */
export type Position = { line: number, column: number }

/** JSON pointers of a document (`/greet/run/module`) → where each value begins; of a property, where its name does. */
export function positionsOf (text: string): Map<string, Position> {
  const found = new Map<string, Position>()
  const state = { text, at: 0, found }
  skip(state)
  readValue(state, '')
  return found
}

type State = { text: string, at: number, found: Map<string, Position> }

const SPACE = /[\s,:]*/y
const TOKEN = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y

/** Only texts that parse are read: what follows what needs no check. */
function readValue (state: State, path: string): void {
  if (!state.found.has(path)) state.found.set(path, positionAt(state))
  const sign = state.text[state.at]
  if (sign === '{') readObject(state, path)
  else if (sign === '[') readArray(state, path)
  else token(state)
}

function readObject (state: State, path: string): void {
  state.at++
  for (skip(state); state.at < state.text.length && state.text[state.at] !== '}'; skip(state)) {
    const at = positionAt(state)
    const name = JSON.parse(token(state)) as string
    const own = `${path}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`
    state.found.set(own, at)
    skip(state)
    readValue(state, own)
  }
  state.at++
}

function readArray (state: State, path: string): void {
  state.at++
  skip(state)
  for (let i = 0; state.at < state.text.length && state.text[state.at] !== ']'; i++) {
    readValue(state, `${path}/${i}`)
    skip(state)
  }
  state.at++
}

function skip (state: State): void {
  SPACE.lastIndex = state.at
  state.at += SPACE.exec(state.text)?.[0].length ?? 0
}

function token (state: State): string {
  TOKEN.lastIndex = state.at
  const [text = ''] = TOKEN.exec(state.text) ?? []
  state.at += Math.max(1, text.length)
  return text
}

function positionAt ({ text, at }: State): Position {
  return lineAndColumn(text, at)
}

/** Of an offset in a text. */
export function lineAndColumn (text: string, at: number): Position {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}
