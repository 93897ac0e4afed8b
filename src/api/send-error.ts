import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { SignalboxError } from '../base/errors.ts'
import type { Metrics } from '../engine/metrics.ts'

type Described = { code: string, message: string, field?: string | undefined }

/** The one place where errors get their shape over HTTP. */
export function sendError (
  error: FastifyError | SignalboxError,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics
): FastifyReply {
  const statusCode = error.statusCode ?? 500
  if (statusCode >= 500) {
    request.log.error(
      { err: error, request: request.id, method: request.method, path: pathOf(request) },
      'request failed'
    )
  }
  const { code, message, field } = error instanceof SignalboxError ? error : describe(error, statusCode)
  metrics.rejected(code)
  if (error instanceof SignalboxError && error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  return reply.code(statusCode).send({ statusCode, code, error: nameOf(statusCode), message, field })
}

export function sendNotFound (request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = `there is no ${request.method} ${pathOf(request)}`
  return reply.code(404).send({ statusCode: 404, code: 'NOT_FOUND', error: nameOf(404), message })
}

function describe (error: FastifyError, statusCode: number): Described {
  if (error.validation !== undefined) return describeInvalid(error)
  if (statusCode < 500) return { code: error.code ?? 'BAD_REQUEST', message: error.message }
  return { code: 'INTERNAL', message: 'something went wrong here; the log says what' }
}

/** What the first failed rule of a schema says, with the path of its field. */
function describeInvalid ({ validation, validationContext }: FastifyError): Described {
  const [first] = validation ?? []
  const params = first?.params as { missingProperty?: string, additionalProperty?: string } | undefined
  const named = params?.missingProperty ?? params?.additionalProperty ?? ''
  const parts = [validationContext ?? '', ...(first?.instancePath ?? '').split('/').slice(1), named]
  const field = parts.filter((part) => part !== '').join('/')
  return { code: 'INVALID_REQUEST', message: `${field} ${first?.message ?? 'is not valid'}`, field }
}

const nameOf = (statusCode: number): string => STATUS_CODES[statusCode] ?? 'Error'

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? ''
