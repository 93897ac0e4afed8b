import type { Document } from './contract.ts'

type Found = Array<Document | undefined>
type Waiting = { names: string[], resolve: (found: Found) => void, reject: (error: unknown) => void }

/** So many names in one read, unless one caller alone asks for more. */
const NAMES = 200

type Read = (names: string[]) => Promise<Map<string, Document>>

/** Names asked for in one turn of the event loop are read together, each once. */
export function createGroupRead (read: Read): (names: string[]) => Promise<Found> {
  let waiting: Waiting[] = []

  function flush (): void {
    const all = waiting
    waiting = []
    while (all.length > 0) {
      const part: Waiting[] = []
      for (let count = 0; all.length > 0 && (part.length === 0 || count + (all[0] as Waiting).names.length <= NAMES);) {
        const item = all.shift() as Waiting
        part.push(item)
        count += item.names.length
      }
      void answer(part)
    }
  }

  async function answer (part: Waiting[]): Promise<void> {
    try {
      const found = await read([...new Set(part.flatMap(({ names }) => names))])
      for (const { names, resolve } of part) resolve(names.map((name) => found.get(name)))
    } catch (error) {
      for (const { reject } of part) reject(error)
    }
  }

  return (names) => names.length === 0
    ? Promise.resolve([])
    : new Promise((resolve, reject) => {
      waiting.push({ names, resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}
