import type { FastifyReply, FastifyRequest } from 'fastify'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * One line in the log for each request that changed something, or was kept from it: who, what, on
 * what, and what came of it. For
 * `onResponse`. The body is never in it.
 */
export async function audit (request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (SAFE.has(request.method)) return
  const { operationId } = (request.routeOptions.schema ?? {}) as { operationId?: string }
  if (operationId === undefined) return
  request.log.info({
    audit: operationId,
    caller: request.caller?.name ?? 'nobody',
    address: request.ip,
    params: request.params,
    status: reply.statusCode,
    request: request.id
  }, reply.statusCode < 400 ? 'done for a caller' : 'refused to a caller')
}
