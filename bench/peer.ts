import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { serveOrders } from './child.ts'
import { PROCESSES } from './event.ts'
import { crowd, startClock } from './pace.ts'
import { openGraphile } from './peer-graphile.ts'
import { openPlain } from './peer-plain.ts'

/** Another queue behind the front that one writes in ten minutes. A process of its own; takes its orders from subjects.ts. */

export type Peer = {
  /** Adds the two jobs of an event; answers their processes and ids. */
  add: () => Promise<Array<[string, string]>>
  /** Works both queues. `stored` is called when the follow-on event of an event is stored, `ended` when a job's end is. */
  work: (stored: (key: string) => void, ended: () => void) => Promise<void> | void
  close: () => Promise<void>
}

export type PeerOrder = { do: 'serve' | 'work' | 'ended' | 'stored' } | { do: 'add', count: number, concurrency: number }

const PEERS: Record<string, (url: string) => Promise<Peer>> = { plain: openPlain, graphile: openGraphile }

const [name = '', url = ''] = process.argv.slice(2)
const open = PEERS[name]
if (open === undefined) throw new Error(`no such peer: ${name}`)
const peer = await open(url)
const clock = startClock()
/** When the first follow-on event of an event was stored, by the event's key. */
const stored = new Map<string, number>()
let ended = 0

async function serve (): Promise<string> {
  const app = fastify()
  app.post('/jobs', async (_request, reply) => await reply.code(202).send(await peer.add()))
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

async function work (): Promise<void> {
  await peer.work((key) => { if (!stored.has(key)) stored.set(key, clock()) }, () => { ended++ })
}

async function add (count: number, concurrency: number): Promise<{ ms: number, took: number[] }> {
  const start = performance.now()
  const took = await crowd({ count, concurrency }, peer.add)
  return { ms: performance.now() - start, took }
}

serveOrders<PeerOrder>(async (order) => {
  switch (order.do) {
    case 'serve': return await serve()
    case 'work': return await work()
    case 'ended': return ended / PROCESSES.length
    case 'stored': return [...stored]
    case 'add': return await add(order.count, order.concurrency)
  }
}, () => peer.close())
