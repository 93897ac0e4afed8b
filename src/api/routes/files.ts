import { basename, dirname } from 'node:path'
import send from '@fastify/send'
import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { SignalboxError, errors } from '../../base/errors.ts'
import { downloadHeaders } from '../../engine/jobs/files.ts'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

/** Open to who has a signed link, whatever token the service wants. */
export const FILES_URL = '/files/*'

const closed = { additionalProperties: false }

export const fileRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { files }) => {
  const app = instance as App

  app.get('/jobs/:process/:id/files', {
    schema: {
      operationId: 'listJobFiles',
      tags: ['jobs'],
      summary: 'The files that a job has written, with links for download',
      params: Type.Object({ process: IdSchema, id: IdSchema }, closed),
      querystring: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: responses({ 200: Type.Ref('JobFileList') }, 400, 404)
    }
  }, async ({ params, query: { limit = 50, cursor } }) => await files.list(params.process, params.id, { limit, cursor }))

  app.get(FILES_URL, {
    schema: {
      // OpenAPI has no word for the rest of a path; who uses a link takes it as it is.
      hide: true,
      params: Type.Object({ '*': Type.String({ minLength: 1, maxLength: 1024 }) }, closed),
      querystring: Type.Object({ expires: Type.Integer({ minimum: 0 }), signature: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
    }
  }, async (request, reply) => {
    const name = (request.params as { '*': string })['*']
    const path = await files.locate(name, request.query.expires, request.query.signature)
    const { disposition, type } = downloadHeaders(name)
    const sent = await send(request.raw, `/${encodeURIComponent(basename(path))}`, { root: dirname(path), index: false, dotfiles: 'deny', cacheControl: false, contentType: false })
    reply.code(sent.statusCode).headers(sent.headers)
    if (sent.type === 'error') {
      reply.removeHeader('content-length')
      throw sent.statusCode === 404 ? errors.fileNotFound(name) : new SignalboxError('FILE_NOT_SENT', sent.statusCode, sent.metadata.error.message)
    }
    return await reply.headers({
      'content-type': type,
      'content-disposition': disposition,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private'
    }).send(sent.stream)
  })
}
