import { createTogether, type Asked } from '../base/together.ts'
import type { Document } from './contract.ts'

type Found = Array<Document | undefined>
type Waiting = Array<Asked<string[], Found>>

/** So many names in one read, unless one caller alone asks for more. */
const NAMES = 200

type Read = (names: string[]) => Promise<Map<string, Document>>

/** Names asked for in one turn of the event loop, or while others are read, are read together, each once. */
export function createGroupRead (read: Read): (names: string[]) => Promise<Found> {
  const { ask } = createTogether<string[], Found>({
    take: takeNames,
    send: async (lists) => {
      const found = await read([...new Set(lists.flat())])
      return lists.map((names) => names.map((name) => found.get(name)))
    }
  })
  return (names) => names.length === 0 ? Promise.resolve([]) : ask(names)
}

function takeNames (waiting: Waiting): [group: Waiting, rest: Waiting] {
  let taken = 0
  let names = 0
  for (const { item } of waiting) {
    if (taken > 0 && names + item.length > NAMES) break
    taken++
    names += item.length
  }
  return [waiting.slice(0, taken), waiting.slice(taken)]
}
