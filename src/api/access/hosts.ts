import { isIP } from 'node:net'
import { SignalboxError } from '../../base/errors.ts'

export type HostSettings = {
  /** The address that the service listens on. */
  host: string
  publicUrl: string
  /** Further names, comma-separated. */
  allowed: string
}

/** What a request says of where it goes and where it comes from. */
export type Crossing = { method: string, url?: string, headers: Record<string, string | string[] | undefined> }

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const ANY_ADDRESS = new Set(['0.0.0.0', '::', '[::]'])
/** They change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what a page of another site can have a browser send. A name that is not ours in Host is DNS
 * rebinding (421); a request that changes something and comes from a page of another origin is forged (403).
 */
export function createHostCheck ({ host, publicUrl, allowed }: HostSettings): (request: Crossing) => void {
  const listed = allowed.split(',').map((name) => name.trim())
  const names = namesOf([bracketed(host), hostOf(publicUrl), ...listed])
  // A proxy in front may write Host anew: then the origin is a name that was configured. That of loopback is not among
  // them: a page of another port of this machine is another's.
  const origins = namesOf([hostOf(publicUrl), ...listed])
  // An address cannot be made to mean another one, as a name can: whoever reaches a service by it has reached ours.
  const takesAddresses = !LOOPBACK.test(bracketed(host))
  const isOurs = (authority: string): boolean => {
    const name = nameOf(authority)
    return LOOPBACK.test(name) || names.has(name) || (takesAddresses && isIP(name.replace(/^\[|\]$/g, '')) !== 0)
  }
  return ({ method, url = '', headers }) => {
    // In the form that is meant for proxies the target names a host too, which stands over the header.
    const target = /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1]
    if (target !== undefined && !isOurs(target)) throw wrongHost(target)
    const authority = one(headers['host'])
    if (authority !== undefined && !isOurs(authority)) throw wrongHost(authority)
    if (SAFE.has(method)) return
    const origin = one(headers['origin'])
    if (one(headers['sec-fetch-site']) === 'cross-site') throw foreignOrigin(origin ?? 'another site')
    if (origin !== undefined && !isSame(origin, authority) && !origins.has(hostOf(origin))) throw foreignOrigin(origin)
  }
}

const namesOf = (names: string[]): Set<string> =>
  new Set(names.filter((name) => name !== '' && !ANY_ADDRESS.has(name)).map((name) => name.toLowerCase()))

const one = (value: string | string[] | undefined): string | undefined => Array.isArray(value) ? value[0] : value

const bracketed = (host: string): string => host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

/** Whether a page comes from where the request goes: the same name and the same port. */
function isSame (origin: string, authority: string | undefined): boolean {
  if (authority === undefined || !URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  const usual = protocol === 'https:' ? /:443$/ : /:80$/
  return host === authority.toLowerCase().replace(usual, '')
}

/** `name:port` without the port, in small letters. */
function nameOf (authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

/** The name in an address; of what is none (`null` is the origin of a sandboxed page) a name that nobody has. */
function hostOf (url: string): string {
  if (url === '') return ''
  return URL.canParse(url) ? new URL(url).host.replace(/:\d*$/, '') : '\0'
}

function wrongHost (authority: string): SignalboxError {
  const name = authority.slice(0, 100)
  return new SignalboxError(
    'HOST_NOT_ALLOWED',
    421,
    `this service is not ${name}: name it in SIGNALBOX_ALLOWED_HOSTS or SIGNALBOX_PUBLIC_URL if it is`
  )
}

function foreignOrigin (origin: string): SignalboxError {
  return new SignalboxError('ORIGIN_NOT_ALLOWED', 403, `a page of ${origin.slice(0, 100)} may not change anything here`)
}
