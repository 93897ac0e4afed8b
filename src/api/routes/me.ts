import { Type } from 'typebox'
import { MeSchema, SCOPES } from '../../schemas/me.ts'
import type { Route } from '../dependencies.ts'
import { responses } from '../responses.ts'

const ME = {
  operationId: 'me',
  tags: ['health'],
  summary: 'Who asks, and what may be done with that key',
  response: responses({ 200: Type.Ref('Me') })
}

export const meRoutes: Route = {
  schemas: [MeSchema],
  routes: async (app, { keys }) => {
    app.get('/me', { config: { scope: 'any' }, schema: ME }, async ({ caller }) => ({
      name: caller.name,
      scopes: SCOPES.filter((scope) => caller.scopes.has(scope)),
      key_needed: keys.asked
    }))
  }
}
