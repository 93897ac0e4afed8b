import type { FastifyPluginCallback } from 'fastify'
import { errors } from '../../base/errors.ts'
import { importOptional } from '../../base/optional.ts'
import type { Work } from '../work.ts'

export interface Board {
  plugin: FastifyPluginCallback<{ prefix: string }>
  /** Shows these queues from now on. */
  show: (queues: string[]) => void
}

// The board counts connections to Redis. On SQL workers have none that it could see, and it would say that there are
// no workers.
const UI_CONFIG = { boardTitle: 'Signalbox', showWorkers: false }

/** Fonts that the board would ask another host for; it is as readable with those of the machine. */
const FOREIGN_LINK = /<link[^>]*href="https?:\/\/[^>]*>/g

/**
 * bull-board over the queues. It only shows: what changes something goes through the API, which keeps the event records
 * true. Where its packages are not installed, its page says so.
 */
export async function createBoard (queues: Pick<Work, 'boardQueue'>, basePath: string): Promise<Board> {
  try {
    return await importOptional(async () => await openBoard(queues, basePath), 'the board')
  } catch (error) {
    const { message } = error as Error
    return {
      plugin: absent(message.replace(/npm install .*/, 'npm install @bull-board/api @bull-board/fastify')),
      show: () => {}
    }
  }
}

async function openBoard (queues: Pick<Work, 'boardQueue'>, basePath: string): Promise<Board> {
  const [{ createBullBoard }, { BullMQAdapter }, { FastifyAdapter }] = await Promise.all([
    import('@bull-board/api'), import('@bull-board/api/bullMQAdapter'), import('@bull-board/fastify')
  ])
  const server = new FastifyAdapter()
  server.setBasePath(basePath)
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: UI_CONFIG }
  })
  const adapter = (name: string) =>
    new BullMQAdapter(queues.boardQueue(name) as ConstructorParameters<typeof BullMQAdapter>[0], {
      readOnlyMode: true
    })
  const register = server.registerPlugin() as unknown as Board['plugin']
  return {
    plugin: (app, options, done) => {
      app.addHook('onSend', async (_request, reply, payload) =>
        isPage(reply.getHeader('content-type'), payload) ? payload.replace(FOREIGN_LINK, '') : payload)
      register(app, options, done)
    },
    show: (names) => { board.setQueues(names.map(adapter)) }
  }
}

function absent (message: string): Board['plugin'] {
  return (app, _options, done) => {
    app.get('/', { schema: { hide: true } }, async () => { throw errors.notInstalled(message) })
    done()
  }
}

const isPage = (type: unknown, payload: unknown): payload is string =>
  typeof payload === 'string' && String(type).startsWith('text/html')
