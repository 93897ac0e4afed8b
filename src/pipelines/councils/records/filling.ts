import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import type { Store } from '../../../sdk/store/open.ts'
import type { CollectionName, DocumentFields } from '../model/collections.ts'
import { createDocuments } from '../model/documents.ts'
import { createLinks, type Links } from './links.ts'

export type Failure = { at: string, reason: string }

/** What the parts of one run share. */
export interface Filling {
  readonly store: Store
  readonly inputs: Inputs
  readonly signal: AbortSignal
  readonly links: Links
  /** Stores a document and answers its id. */
  put: <Name extends CollectionName>(collection: Name, fields: DocumentFields<Name>) => Promise<string>
  /** Stores the document of the meeting under the id that it has. */
  putEvent: (id: string, fields: DocumentFields<'event'>) => Promise<string>
  /** What could not be stored, with its path in the event. It fails nothing. */
  fail: (at: string, reason: string) => void
  readonly failures: Failure[]
  /** Documents by collection, each once. */
  readonly stored: ReadonlyMap<string, ReadonlySet<string>>
}

const MAX_FAILURES = 500

export function createFilling ({
  store, inputs, signal, log, pauseMs
}: {
  store: Store
  inputs: Inputs
  signal: AbortSignal
  log: (line: string) => void
  pauseMs: number
}): Filling {
  const documents = createDocuments(store)
  const count = (collection: string, id: string): string => {
    const ids = stored.get(collection) ?? new Set()
    stored.set(collection, ids.add(id))
    return id
  }
  const failures: Failure[] = []
  const stored = new Map<string, Set<string>>()
  return {
    store,
    inputs,
    signal,
    failures,
    stored,
    links: createLinks({ inputs, signal, log, pauseMs }),
    put: async (collection, fields) => {
      signal.throwIfAborted()
      return count(collection, (await documents.upsert(collection, fields, signal)).id)
    },
    putEvent: async (id, fields) => count('event', (await documents.put('event', id, fields, signal)).id),
    fail: (at, reason) => {
      log(`${at}: ${reason}`)
      if (failures.length < MAX_FAILURES) failures.push({ at, reason: reason.slice(0, 300) })
    }
  }
}

/** A document of the collection file: its name is the last part of its address. */
export async function putFile ({ put }: Filling, uri: string): Promise<string> {
  return await put('file', { uri, name: uri.slice(uri.lastIndexOf('/') + 1), external_source_id: null })
}
