import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { Query, QueryContext } from '../../sdk/pipeline.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

/** A query, and what answers it. */
export type OpenQuery = { query: Query, ask: (params: Record<string, unknown>) => Promise<unknown> }

export const createQueries = (queries: ReadonlyMap<string, Query>, context: QueryContext): OpenQuery[] =>
  [...queries.values()].map((query) => ({ query, ask: query.create(context) }))

/** What the answers of the queries are called in the OpenAPI document. */
export const querySchemas = (queries: OpenQuery[]) =>
  queries.flatMap(({ query: { schemas = [], answer } }) => [...schemas, ...answer.$id === undefined ? [] : [answer]])

/** `GET /NAME` for each query of a pipeline. */
export const queryRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { queries }) => {
  const app = instance as App
  for (const { query: { name, tag, summary, params, answer }, ask } of queries) {
    app.get(`/${name}`, {
      schema: {
        operationId: name,
        tags: [tag.name],
        summary,
        querystring: params,
        response: responses({ 200: answer.$id === undefined ? answer : Type.Ref(answer.$id) }, 400)
      }
    }, async (request) => await ask(request.query as Record<string, unknown>))
  }
}
