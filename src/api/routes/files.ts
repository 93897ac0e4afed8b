import { basename, dirname } from 'node:path'
import send from '@fastify/send'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { SignalboxError, errors } from '../../base/errors.ts'
import { downloadHeaders } from '../../engine/jobs/files.ts'
import { fileSchemas } from '../../schemas/files.ts'
import { closed } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { JobParams, PageQuery } from '../query.ts'
import { responses } from '../responses.ts'

const LIST = {
  operationId: 'listJobFiles',
  tags: ['jobs'],
  summary: 'The files that a job has written, with links for download',
  params: JobParams,
  querystring: PageQuery,
  response: responses({ 200: Type.Ref('JobFileList') }, 400, 404)
}

const LinkQuery = Type.Object({
  expires: Type.Integer({ minimum: 0 }),
  signature: Type.String({ minLength: 1, maxLength: 64 })
}, closed)

const DOWNLOAD = {
  // OpenAPI has no word for the rest of a path; who uses a link takes it as it is.
  hide: true,
  params: Type.Object({ '*': Type.String({ minLength: 1, maxLength: 1024 }) }, closed),
  querystring: LinkQuery
}

export const fileRoutes: Route = {
  schemas: fileSchemas,
  routes: async (app, { engine: { files } }) => {
    app.get('/jobs/:process/:id/files', { schema: LIST }, async ({ params, query: { limit = 50, cursor } }) =>
      await files.list(params.process, params.id, { limit, cursor }))

    // A signed link is its own proof, whatever token the service wants.
    app.get('/files/*', { config: { scope: 'open' }, schema: DOWNLOAD }, async (request, reply) => {
      const name = (request.params as { '*': string })['*']
      const path = await files.locate(name, request.query.expires, request.query.signature)
      return await sendFile(name, path, request.raw, reply)
    })
  }
}

async function sendFile (
  name: string,
  path: string,
  request: FastifyRequest['raw'],
  reply: Pick<FastifyReply, 'code' | 'headers' | 'removeHeader' | 'send'>
): Promise<FastifyReply> {
  const { disposition, type } = downloadHeaders(name)
  const options = {
    root: dirname(path),
    index: false,
    dotfiles: 'deny',
    cacheControl: false,
    contentType: false
  } as const
  const sent = await send(request, `/${encodeURIComponent(basename(path))}`, options)
  reply.code(sent.statusCode)
  reply.headers(sent.headers)
  if (sent.type === 'error') {
    reply.removeHeader('content-length')
    if (sent.statusCode === 404) throw errors.fileNotFound(name)
    throw new SignalboxError('FILE_NOT_SENT', sent.statusCode, sent.metadata.error.message)
  }
  reply.headers({
    'content-type': type,
    'content-disposition': disposition,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private'
  })
  return await reply.send(sent.stream)
}
