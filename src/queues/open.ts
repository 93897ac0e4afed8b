import { errors } from '../base/errors.ts'
import { BACKENDS, backendOf, type QueueSettings } from './backends.ts'
import type { Queues } from './contract.ts'

/** Opens the datastore that `backend` names. @throws INVALID_CONFIG */
export async function openQueues (settings: QueueSettings): Promise<Queues> {
  const backend = backendOf(settings.backend)
  if (backend === undefined) {
    const known = BACKENDS.map(({ addresses }) => addresses).join(', ')
    throw errors.invalidConfig([`SIGNALBOX_BACKEND: ${JSON.stringify(settings.backend)} is none of ${known}`])
  }
  return await backend.open(settings, { ageMs: settings.retentionMs })
}
