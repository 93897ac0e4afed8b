import { Type } from 'typebox'
import { closed } from '../../schemas/parts.ts'
import { keyOf } from '../access/access.ts'
import { toCookie } from '../access/cookie.ts'
import type { Route } from '../dependencies.ts'
import { responses } from '../responses.ts'

const tags = ['session']
const Open = Type.Object({ open: Type.Boolean() }, { ...closed, description: 'Whether this browser has a session now' })

const OPEN = {
  operationId: 'openSession',
  tags,
  summary: 'Let this browser open /docs and /board with the key of this request',
  description:
    'Sets a cookie that no script can read and no other site can use. Those pages alone take it, and only to ' +
    'read.',
  querystring: Type.Object({
    remember: Type.Boolean({ default: false, description: 'Keep it for 30 days, not until the browser ends' })
  }, closed),
  response: responses({ 200: Open }, 400)
}

const CLOSE = {
  operationId: 'closeSession',
  tags,
  summary: 'Take that cookie away',
  response: responses({ 200: Open })
}

export const sessionRoutes: Route = {
  tag: { name: 'session', description: 'Sign-in of browsers' },
  routes: async (app, { settings, keys }) => {
    const isSecure = settings.publicUrl.startsWith('https:')

    app.post('/session', { config: { scope: 'any' }, schema: OPEN }, async (request, reply) => {
      const key = keys.asked ? keyOf(request) : undefined
      const isKept = request.query.remember === true
      if (key !== undefined) reply.header('set-cookie', toCookie(key, { isSecure, isKept }))
      return await reply.send({ open: key !== undefined })
    })

    app.delete('/session', { config: { scope: 'open' }, schema: CLOSE }, async (_request, reply) =>
      await reply.header('set-cookie', toCookie(undefined, { isSecure, isKept: false })).send({ open: false }))
  }
}
