import { join } from 'node:path'
import { startChild } from './child.ts'
import { PROCESSES } from './event.ts'
import { followOnLatency, type Sent } from './load.ts'
import type { BackendName } from '../test/fixtures/servers.ts'
import { hasGraphile } from './peer-graphile.ts'
import { nodeOptionsOf, root, withSignalbox } from './signalbox.ts'

/** What is measured beside others: the service, one of an older tree, or another queue behind a front of its own. */
export type Subject = {
  name: string
  /** For the time of `work`: the front alone, or front and workers. */
  serve: <R>(url: string, role: 'api' | 'start', work: (served: Served) => Promise<R>) => Promise<R>
  /** Adds events without HTTP in between, for the time of `work`. */
  fill: <R>(url: string, work: (filler: Filler) => Promise<R>) => Promise<R>
}

export type Served = {
  pid: number | undefined
  address: string
  /** Events whose two jobs have ended. */
  ended: () => Promise<number>
  /** Milliseconds from the post of each event until its first follow-on event was stored. */
  followOn: (sent: Sent[]) => Promise<number[]>
}

export type Filler = { pid: number | undefined, fill: (count: number) => Promise<void> }

/** Those that can be measured on a datastore; `before` is the folder of an older version in which it and its benchmark are built. */
export async function subjectsFor (backend: BackendName, before: string | undefined): Promise<Subject[]> {
  return [
    ofSignalbox('signalbox', root),
    ...before === undefined ? [] : [ofSignalbox('before', before)],
    ofPeer('plain'),
    ...backend === 'postgres' && await hasGraphile() ? [ofPeer('graphile')] : []
  ]
}

function ofSignalbox (name: string, folder: string): Subject {
  return {
    name,
    serve: (url, role, work) => withSignalbox(role, url, (service) => work({
      pid: service.pid,
      address: service.address,
      ended: async () => await service.ended() / PROCESSES.length,
      followOn: (sent) => followOnLatency(service.address, sent)
    }), folder),
    fill: async (url, work) => {
      const file = new URL(`file://${join(folder, 'dist-bench', 'bench', 'fill.js')}`)
      const child = await startChild(file, [url, join(folder, 'bench', 'lookups')], nodeOptionsOf(folder))
      try {
        return await work({ pid: child.pid, fill: async (count) => { await child.ask({ count }) } })
      } finally {
        await child.stop()
      }
    }
  }
}

const CALLERS = 200

function ofPeer (name: 'plain' | 'graphile'): Subject {
  const withChild = async <R>(url: string, work: (child: Awaited<ReturnType<typeof startChild>>) => Promise<R>): Promise<R> => {
    const child = await startChild(new URL('./peer.js', import.meta.url), [name, url], nodeOptionsOf(root))
    try {
      return await work(child)
    } finally {
      await child.stop()
    }
  }
  return {
    name,
    serve: (url, role, work) => withChild(url, async ({ ask, pid }) => {
      const address = await ask<string>({ do: 'serve' })
      if (role === 'start') await ask({ do: 'work' })
      return await work({ pid, address, ended: () => ask<number>({ do: 'ended' }), followOn: (sent) => followOnOf(sent, ask) })
    }),
    fill: (url, work) => withChild(url, ({ ask, pid }) => work({ pid, fill: async (count) => { await ask({ do: 'add', count, concurrency: CALLERS }) } }))
  }
}

async function followOnOf (sent: Sent[], ask: <R>(order: Record<string, unknown>) => Promise<R>): Promise<number[]> {
  const stored = new Map(await ask<Array<[string, number]>>({ do: 'stored' }))
  return sent.map(({ start, jobs }) => (stored.get(jobs[0]?.[1].split('.')[0] ?? '') ?? NaN) - start)
}
