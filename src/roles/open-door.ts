import { errors } from '../base/errors.ts'
import type { Config } from './config.ts'

/**
 * @throws INVALID_CONFIG where anybody who reaches the address could submit and cancel, and nobody
 * has said that they may
 */
export function refuseOpenDoor ({ host, token, keys, insecure }: Config): void {
  if (token !== '' || keys !== '' || insecure || isLoopback(host)) return
  const cure = 'set SIGNALBOX_TOKEN or SIGNALBOX_KEYS, or say SIGNALBOX_INSECURE=true'
  throw errors.invalidConfig([`HOST=${host} is open to whoever reaches it: ${cure}`])
}

function isLoopback (host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}
