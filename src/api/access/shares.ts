import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../../base/errors.ts'

/**
 * Bounds what one key and address may hold open at once, so that nobody takes all of it. What was taken is given back
 * when the answer has been sent, or the client is gone.
 */
export function createShares (what: string, most: number): (request: FastifyRequest, reply: FastifyReply) => void {
  const open = new Map<string, number>()
  return (request, reply) => {
    const client = `${request.caller.name} ${request.ip}`
    const count = open.get(client) ?? 0
    if (count >= most) throw errors.tooManyOpen(what, most)
    // One that is gone already ends nothing any more.
    if (reply.raw.closed || reply.raw.destroyed) return
    open.set(client, count + 1)
    reply.raw.once('close', () => {
      const left = (open.get(client) ?? 1) - 1
      if (left === 0) open.delete(client)
      else open.set(client, left)
    })
  }
}
