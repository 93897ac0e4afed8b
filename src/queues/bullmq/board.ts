import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyPluginCallback } from 'fastify'
import type { Work } from '../work.ts'

export interface Board {
  plugin: FastifyPluginCallback<{ prefix: string }>
  /** Shows these queues from now on. */
  show: (queues: string[]) => void
}

/**
 * bull-board over the queues. It only shows: what changes something goes through the API, which keeps the event records
 * true.
 */
export function createBoard (queues: Pick<Work, 'boardQueue'>, basePath: string): Board {
  const server = new FastifyAdapter()
  server.setBasePath(basePath)
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'Signalbox' } }
  })
  const adapter = (name: string) =>
    new BullMQAdapter(queues.boardQueue(name) as ConstructorParameters<typeof BullMQAdapter>[0], {
      readOnlyMode: true
    })
  return {
    plugin: server.registerPlugin() as unknown as Board['plugin'],
    show: (names) => { board.setQueues(names.map(adapter)) }
  }
}
