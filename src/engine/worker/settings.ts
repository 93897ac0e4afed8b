import { Type } from 'typebox'
import { group, milliseconds, setting } from '../../base/setting.ts'

/** Of a worker. */
export const workerSettings = group({
  name: setting(Type.String({ pattern: '^[!-~]{0,100}$' }), {
    env: 'SIGNALBOX_WORKER_NAME',
    aliases: ['WORKER_NAME'],
    description: 'What this machine is called in notices and reports; its host name where it is empty'
  }),
  processes: setting(Type.String(), {
    env: 'SIGNALBOX_PROCESSES',
    description: 'Processes that this worker serves, comma-separated; empty means all'
  }),
  concurrency: setting(Type.Integer({ minimum: 1, maximum: 1000 }), {
    env: 'SIGNALBOX_CONCURRENCY',
    description: 'Jobs of a process that run at once in one worker, where its lookup entry says nothing'
  }),
  threads: setting(Type.Integer({ minimum: 0, maximum: 256 }), {
    env: 'SIGNALBOX_THREADS',
    description: 'Threads for modules; 0 means one per core'
  }),
  thread_memory_mb: setting(Type.Integer({ minimum: 64 }), {
    env: 'SIGNALBOX_THREAD_MEMORY_MB',
    description: 'Heap of one such thread, MB; a module that needs more fails'
  }),
  lock_ms: setting(milliseconds(500), {
    env: 'SIGNALBOX_LOCK_MS',
    description: 'A job of a dead worker is taken again after this, plus `SIGNALBOX_STALLED_MS`, milliseconds'
  }),
  stalled_ms: setting(milliseconds(100), {
    env: 'SIGNALBOX_STALLED_MS',
    description: 'How often workers look for jobs of dead workers, milliseconds'
  }),
  grace_ms: setting(milliseconds(0), {
    env: 'SIGNALBOX_GRACE_MS',
    description: 'Time that work has to end by itself after a timeout or cancel, before it is ended, milliseconds'
  }),
  shutdown_ms: setting(milliseconds(0), {
    env: 'SIGNALBOX_SHUTDOWN_MS',
    description: 'On SIGTERM, time for running work to finish before it is handed back, milliseconds'
  }),
  max_output: setting(Type.Integer({ minimum: 1024 }), {
    env: 'SIGNALBOX_MAX_OUTPUT',
    description: 'Largest result of a job, bytes of JSON'
  })
})
