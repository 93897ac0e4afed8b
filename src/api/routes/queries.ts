import { Type } from 'typebox'
import type { Query, QueryContext } from '../../sdk/pipeline.ts'
import type { Route } from '../dependencies.ts'
import { responses } from '../responses.ts'

/** A query, and what answers it. */
export type OpenQuery = { query: Query, ask: (params: Record<string, unknown>) => Promise<unknown> }

export const createQueries = (queries: ReadonlyMap<string, Query>, context: QueryContext): OpenQuery[] =>
  [...queries.values()].map((query) => ({ query, ask: query.create(context) }))

/** `GET /NAME` for a query of a pipeline. */
export function queryRoutes ({ query: { name, tag, summary, params, answer, schemas = [] }, ask }: OpenQuery): Route {
  const isNamed = answer.$id !== undefined
  const schema = {
    operationId: name,
    tags: [tag.name],
    summary,
    querystring: params,
    response: responses({ 200: answer.$id === undefined ? answer : Type.Ref(answer.$id) }, 400)
  }
  return {
    tag,
    schemas: [...schemas, ...isNamed ? [answer] : []],
    routes: async (app) => {
      app.get(`/${name}`, { schema }, async (request) => await ask(request.query as Record<string, unknown>))
    }
  }
}
