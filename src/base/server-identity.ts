import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, TLSSocket } from 'node:tls'

/**
 * Whether the certificate of a server that is reached by address must be compared with that address here: mysql2
 * compares it with the name `localhost`, so that a right one is refused and a wrong one taken.
 */
export const isReachedByAddress = (host: string | undefined): host is string => host !== undefined && isIP(host) !== 0

/** What is wrong with the certificate that a server has shown: it is not that of this host. */
export function identityProblem (host: string, socket: Socket): Error | undefined {
  if (!(socket instanceof TLSSocket)) return new Error(`the connection to ${host} is not encrypted`)
  return checkServerIdentity(host, socket.getPeerCertificate(true))
}
