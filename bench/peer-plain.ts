import type { Job } from 'bullmq'
import { openBareBullmq } from './bare-bullmq.ts'
import { plainJobs } from './bare-flow.ts'
import { PROCESSES } from './event.ts'
import type { Peer } from './peer.ts'

/** Bare BullMQ: two plain adds an event, two no-op workers that add a record of the follow-on event. No event, no lists, no outcome. */
export async function openPlain (url: string): Promise<Peer> {
  const bullmq = await openBareBullmq(url)
  return {
    add: async () => {
      const jobs = plainJobs()
      await bullmq.addPlain(jobs)
      return jobs.map(({ name, opts }) => [name, opts.jobId ?? ''])
    },
    work: (onStored, onEnded) => {
      for (const name of PROCESSES) bullmq.work(name, (job) => run(job, onStored), onEnded)
    },
    close: () => bullmq.close()
  }

  async function run (job: Job<{ key: string, event: { subject: string } }>, onStored: (key: string) => void): Promise<unknown> {
    const { key, event: { subject } } = job.data
    await bullmq.addPlain([{ queue: 'follow_on', name: 'bench_done', data: { type: 'bench_done', subject, source: `/jobs/${job.name}/${job.id}` }, opts: { jobId: `f.${job.id}` } }])
    onStored(key)
    return { output: null }
  }
}
