import autocannon from 'autocannon'
import { Pool } from 'undici'
import { newEvent } from './event.ts'
import { pace, startClock } from './pace.ts'

const CONNECTIONS = 50
const HEADERS = { 'content-type': 'application/json' }

/** Events have the ids of their sender, as those have that must not be taken twice. `[<id>]` becomes another one in each request. */
const TEMPLATE = { id: 'bench-[<id>]', source: '/bench', ...newEvent('genome-[<id>]') }

export type Crowd = { ms: number, took: number[] }

/** Posts `count` events over 50 connections, one request after the other on each. */
export async function postCrowd (address: string, count: number): Promise<Crowd> {
  const took: number[] = []
  const refused = new Map<number, number>()
  const start = performance.now()
  let end = start
  // autocannon itself says that it is done at the next whole second.
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon({
      url: `${address}/jobs`,
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(TEMPLATE),
      idReplacement: true,
      connections: CONNECTIONS,
      amount: count,
      timeout: 60
    }, (error: Error | null) => { error === null ? resolve() : reject(error) })
    instance.on('response', (_client, status, _bytes, ms) => {
      end = performance.now()
      took.push(ms)
      if (status !== 202) refused.set(status, (refused.get(status) ?? 0) + 1)
      if (took.length === count) resolve()
    })
  })
  if (refused.size > 0 || took.length !== count) throw new Error(`${took.length} of ${count} answers, not all of them 202: ${JSON.stringify([...refused])}`)
  return { ms: end - start, took }
}

export type Sent = { start: number, accept: number, jobs: Array<[string, string]> }

/** Posts at a steady rate. Times in milliseconds. */
export async function postSteady (address: string, { count, perSecond }: { count: number, perSecond: number }): Promise<Sent[]> {
  const pool = new Pool(address, { connections: CONNECTIONS })
  const clock = startClock()
  const sent = await pace({ perSecond, count }, async (i) => {
    const body = JSON.stringify({ id: `steady-${i}-${clock()}`, source: '/bench', ...newEvent(`genome-${i}-${clock()}`) })
    const start = clock()
    const answer = await pool.request({ path: '/jobs', method: 'POST', headers: HEADERS, body })
    const jobs = await answer.body.json() as Sent['jobs']
    if (answer.statusCode !== 202) throw new Error(`answered ${answer.statusCode}`)
    return { start, accept: clock() - start, jobs }
  })
  await pool.close()
  return sent
}

/**
 * From the post of each event until its first follow-on event was stored: a job and its follow-on events end in one
 * unit of the ledger, which notes when it was made, not when it was stored, in whole milliseconds; half of one is added.
 */
export async function followOnLatency (address: string, sent: Sent[]): Promise<number[]> {
  const pool = new Pool(address, { connections: 4 })
  const latencies: number[] = []
  for (const { start, jobs } of sent) {
    const ends = await Promise.all(jobs.map(async ([process, id]) => {
      const { body } = await pool.request({ path: `/jobs/${process}/${id}`, method: 'GET' })
      const job = await body.json() as { timestamps: { ended: string } }
      return Date.parse(job.timestamps.ended)
    }))
    latencies.push(Math.min(...ends) + 0.5 - start)
  }
  await pool.close()
  return latencies
}
