import type { Dispatcher } from 'undici'
import type { Transport } from './transport.ts'

/** Opened at the first request: undici where it is, which knows why a connection failed; else fetch. */
export async function openTransport (dispatcher: Dispatcher | undefined): Promise<Transport> {
  try {
    const { createUndiciTransport } = await import('./undici-transport.ts')
    return createUndiciTransport(dispatcher)
  } catch (error) {
    if (dispatcher !== undefined) throw error
    const { createFetchTransport } = await import('./fetch-transport.ts')
    return createFetchTransport()
  }
}
