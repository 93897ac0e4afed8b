import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lineAndColumn, positionsOf, type Position } from './positions.ts'

/** What is wrong with a file of the lookups, with the place where it is: `event_lookup.json:3:5: new_assembly …`. */
export function locate (folder: string, problem: string): string {
  const [, file, told] = /^([a-z_]+\.json): (.*)$/s.exec(problem) ?? []
  if (file === undefined || told === undefined) return problem
  const position = positionIn(join(folder, file), told)
  return position === undefined ? problem : `${file}:${position.line}:${position.column}: ${told}`
}

function positionIn (path: string, told: string): Position | undefined {
  const text = read(path)
  if (text === undefined) return undefined
  try {
    JSON.parse(text)
  } catch (error) {
    return syntaxPosition(text, (error as Error).message)
  }
  const positions = positionsOf(text)
  const [, extra] = /must NOT have additional properties: (\S+)/.exec(told) ?? []
  const named = [...positions.keys()]
    .filter((pointer) => isNamed(pointer, told))
    .sort((one, other) => other.length - one.length)
  const [nearest = ''] = named
  return positions.get(`${nearest}/${extra}`) ?? (nearest === '' ? undefined : positions.get(nearest))
}

function read (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Node says where its parser stopped; of a text that ends too early it says nothing. */
function syntaxPosition (text: string, message: string): Position {
  const [, at = String(text.length)] = /position (\d+)/.exec(message) ?? []
  return lineAndColumn(text, Number(at))
}

/** Messages begin with the path in the file: `greet/run/module is …`, `greet: …`, `"a name" is …`. */
function isNamed (pointer: string, told: string): boolean {
  const path = pointer.slice(1)
  const begins = (name: string): boolean => told.startsWith(name) && /^($|[\s:,/])/.test(told.slice(name.length))
  return path !== '' && (begins(path) || begins(JSON.stringify(path)))
}
