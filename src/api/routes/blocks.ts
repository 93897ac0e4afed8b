import { Type } from 'typebox'
import { blockSchemas } from '../../schemas/blocks.ts'
import { closed, IdSchema } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { responses } from '../responses.ts'

const tags = ['blocks']
const BlockParams = Type.Object({ kind: IdSchema, name: IdSchema }, closed)

const LIST = {
  tags,
  operationId: 'listBlocks',
  summary: 'Named configuration, without its secrets',
  response: responses({ 200: Type.Ref('BlockList') })
}

const KINDS = {
  tags,
  operationId: 'listBlockKinds',
  summary: 'The kinds of blocks, with their JSON Schema',
  response: responses({ 200: Type.Ref('BlockKindList') })
}

const GET = {
  tags,
  operationId: 'getBlock',
  summary: 'One block, without its secrets',
  params: BlockParams,
  response: responses({ 200: Type.Ref('Block') }, 400, 404)
}

const PUT = {
  tags,
  operationId: 'putBlock',
  summary: 'Create a block or replace it',
  description:
    'The body is its value, by the JSON Schema of its kind. All processes use it from now on. The same value ' +
    'again changes nothing. What it runs and reaches must be allowed by `SIGNALBOX_BLOCK_COMMANDS`, `_FOLDERS` ' +
    'and `_HOSTS`.',
  params: BlockParams,
  body: Type.Object({}, { additionalProperties: true, description: 'All fields of the block' }),
  response: responses({ 200: Type.Ref('Block'), 201: Type.Ref('Block') }, 400, 404, 409, 413)
}

const REMOVE = {
  tags,
  operationId: 'removeBlock',
  summary: 'Remove a block',
  description: 'Processes that ask for it from now on fail. What is used by something is removed with `force` only.',
  params: BlockParams,
  querystring: Type.Object(
    { force: Type.Optional(Type.Boolean({ description: 'Remove it although something refers to it' })) },
    closed
  ),
  response: responses({ 200: Type.Ref('Block') }, 400, 404, 409)
}

const REKEY = {
  tags,
  operationId: 'rekeyBlocks',
  summary: 'Encrypt with SIGNALBOX_SECRET_KEY what SIGNALBOX_SECRET_KEY_OLD has encrypted',
  description: 'When all roles know both keys.',
  response: responses({ 200: Type.Ref('BlockRekey') }, 409)
}

export const blockRoutes: Route = {
  tag: { name: 'blocks', description: 'Named, typed configuration with secrets' },
  schemas: blockSchemas,
  routes: async (app, { engine: { blocks } }) => {
    app.get('/blocks', { schema: LIST }, async () => ({ items: await blocks.list(), next: null }))

    app.get('/block_kinds', { schema: KINDS }, async (_request, reply) => {
      const items = [...blocks.kinds.values()].map(({ kind, description, schema, env }) => ({
        kind, description, schema, env
      }))
      // The serialiser would leave out of a schema what its own schema does not name.
      return await reply.type('application/json').serializer(JSON.stringify).send({ items, next: null })
    })

    app.get('/blocks/:kind/:name', { schema: GET }, async ({ params: { kind, name } }) => await blocks.view(kind, name))

    app.put(
      '/blocks/:kind/:name',
      { config: { scope: 'blocks' }, schema: PUT },
      async ({ params: { kind, name }, body, caller }, reply) => {
        const block = await blocks.put(kind, name, body, caller.name)
        return await reply.code(block.change === 'created' ? 201 : 200).send(block)
      }
    )

    app.delete(
      '/blocks/:kind/:name',
      { config: { scope: 'blocks' }, schema: REMOVE },
      async ({ params: { kind, name }, query: { force = false } }) => await blocks.remove(kind, name, force)
    )

    app.post('/blocks/rekey', { config: { scope: 'blocks' }, schema: REKEY }, async () => ({
      rekeyed: await blocks.rekey()
    }))
  }
}
