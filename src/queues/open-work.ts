import { errors } from '../base/errors.ts'
import { BACKENDS, backendOf } from './backends.ts'
import type { Opened, WorkSettings } from './opened.ts'

/** Opens the datastore that `backend` names, once for the queues and the ledger. */
export async function openWork (settings: WorkSettings): Promise<Opened> {
  const found = backendOf(settings.backend)
  if (found === undefined) {
    const known = BACKENDS.map(({ addresses }) => addresses).join(', ')
    throw errors.invalidConfig([`SIGNALBOX_BACKEND: ${JSON.stringify(settings.backend)} is none of ${known}`])
  }
  return await found.open(settings)
}
