import type { TObject, TSchema } from 'typebox'
import type { BlockKind, Kinds } from './blocks/kind.ts'
import type { ProcessDefinition } from './process.ts'
import type { OpenStore } from './store/store.ts'

/** Processes that belong together, with all that comes and goes with them. */
export type Pipeline = {
  readonly name: string
  readonly processes: readonly ProcessDefinition[]
  /** Kinds of blocks beside those that everybody has. */
  readonly blocks?: readonly BlockKind[]
  readonly queries?: readonly Query[]
  /** Files that are made from its code by `npm run docs`, by path. */
  readonly documents?: Readonly<Record<string, () => string>>
}

/**
 * What may be asked of the files that the processes have made: `GET /NAME`, `signalbox NAME`, `client.query(NAME, …)`.
 */
export type Query = {
  readonly name: string
  /** Another address than `/NAME`, which stays: parameters stand in it as `:name`. */
  readonly path?: string
  readonly summary: string
  /** The heading under which the documentation of the API has it. */
  readonly tag: { readonly name: string, readonly description: string }
  /** The parameters, each a string, a number or one of several words. */
  readonly params: TObject
  /** With an `$id`, by which the API knows it. */
  readonly answer: TSchema & { readonly $id?: string }
  /** Named schemas (`$id`) that the answer refers to. */
  readonly schemas?: readonly TSchema[]
  /**
   * Makes what answers; it may keep what it has read. It is given checked parameters, and throws
   * INVALID_QUERY for what a schema cannot refuse.
   */
  readonly create: (given: QueryContext) => (params: Record<string, unknown>) => Promise<unknown>
  readonly command: QueryCommand
}

export type QueryContext = {
  /** The store as it is configured now; whoever opens it closes it. */
  openStore: () => Promise<OpenStore>
}

/** How people ask on the command line. Every parameter that is not given by its place is an option. */
export type QueryCommand = {
  /** Parameters given by their place → what the usage calls them. */
  readonly positionals: Readonly<Record<string, string>>
  /** Parameters given as options, in the order of the help → what the usage calls their value, and what they mean. */
  readonly options: Readonly<Record<string, { readonly value: string, readonly help: string }>>
  readonly summary: string
  readonly examples: readonly string[]
  /** The lines of an answer. */
  readonly print: (answer: unknown, style: Style) => string[]
}

/** A query whose parameters and answer have types: those of its schemas. */
export function defineQuery<Params, Answer> (query: Omit<Query, 'create' | 'command'> & {
  create: (given: QueryContext) => (params: Params) => Promise<Answer>
  command: Omit<QueryCommand, 'print'> & { print: (answer: Answer, style: Style) => string[] }
}): Query {
  return query as unknown as Query
}

/** What a line may be dressed with where the terminal shows it. */
export type Style = {
  bold: (text: string) => string
  dim: (text: string) => string
  /** Text of others on one line of a terminal, which must not obey it. */
  plain: (text: string) => string
}

/** All that some pipelines bring, by name. */
export type Shipped = {
  readonly processes: ReadonlyMap<string, ProcessDefinition>
  readonly kinds: Kinds
  readonly queries: ReadonlyMap<string, Query>
}

/** @throws Error where two of them bring the same name */
export function shippedBy (pipelines: readonly Pipeline[], commonKinds: readonly BlockKind[]): Shipped {
  const kinds = [...commonKinds, ...pipelines.flatMap(({ blocks = [] }) => blocks)].sort((a, b) =>
    a.kind < b.kind ? -1 : 1
  )
  return {
    processes: byName(
      'process',
      pipelines.flatMap(({ processes }) => processes.map((one) => [one.name, one] as const))
    ),
    kinds: byName(
      'kind of block',
      kinds.map((one) => [one.kind, one] as const)
    ),
    queries: byName(
      'query',
      pipelines.flatMap(({ queries = [] }) => queries.map((one) => [one.name, one] as const))
    )
  }
}

function byName<T> (what: string, entries: Array<readonly [string, T]>): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const [name, one] of entries) {
    if (found.has(name)) throw new Error(`two pipelines bring the ${what} ${name}`)
    found.set(name, one)
  }
  return found
}
