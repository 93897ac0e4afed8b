import { Type, type TObject } from 'typebox'
import type { Query, QueryContext } from '../../sdk/pipeline.ts'
import { closed } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { responses } from '../responses.ts'

/** A query, and what answers it. */
export type OpenQuery = { query: Query, ask: (params: Record<string, unknown>) => Promise<unknown> }

export const createQueries = (queries: ReadonlyMap<string, Query>, context: QueryContext): OpenQuery[] =>
  [...queries.values()].map((query) => ({ query, ask: query.create(context) }))

/** `GET /NAME` for a query of a pipeline, and its own address where it has one. */
export function queryRoutes ({ query, ask }: OpenQuery): Route {
  const { name, path, tag, summary, params, answer, schemas = [] } = query
  const isNamed = answer.$id !== undefined
  const found = { 200: answer.$id === undefined ? answer : Type.Ref(answer.$id) }
  const response = path === undefined ? responses(found, 400) : responses(found, 400, 404)
  const common = { tags: [tag.name], summary, response }
  return {
    tag,
    schemas: [...schemas, ...isNamed ? [answer] : []],
    routes: async (app) => {
      const byName = { operationId: name, ...common, querystring: params }
      app.get(`/${name}`, { schema: byName }, async ({ query: given }) => await ask(given as Record<string, unknown>))
      if (path === undefined) return
      const schema = { operationId: `${name}ByPath`, ...common, ...partsOf(params, path) }
      app.get(`/${path}`, { schema }, async (request) =>
        await ask({ ...request.query as object, ...request.params as object }))
    }
  }
}

/** The parameters that stand in the address, and the others. */
function partsOf (params: TObject, path: string): { params: TObject, querystring: TObject } {
  const placed = [...path.matchAll(/:(\w+)/g)].flatMap(([, field = '']) => field)
  const keep = (isPlaced: boolean): TObject => {
    const fields = Object.entries(params.properties).filter(([field]) => placed.includes(field) === isPlaced)
    return Type.Object(Object.fromEntries(fields), closed)
  }
  return { params: keep(true), querystring: keep(false) }
}
