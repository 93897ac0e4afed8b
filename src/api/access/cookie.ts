import type { FastifyRequest } from 'fastify'

/**
 * The key in a cookie, for pages that cannot send a header: the documentation and the board. It is taken for what
 * changes nothing only, so that no other site can have a browser act with it.
 */
const NAME = 'signalbox_key'
const REMEMBERED_S = 30 * 24 * 60 * 60

export function readCookie ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name === NAME && value !== '') return decode(value)
  }
  return undefined
}

type CookieOptions = { isSecure: boolean, isKept: boolean }

/** Value of Set-Cookie; without a key it takes the cookie away. */
export function toCookie (key: string | undefined, { isSecure, isKept }: CookieOptions): string {
  const age = key === undefined ? '; Max-Age=0' : isKept ? `; Max-Age=${REMEMBERED_S}` : ''
  return `${NAME}=${encodeURIComponent(key ?? '')}; Path=/; HttpOnly; SameSite=Strict${age}${isSecure ? '; Secure' : ''}`
}

function decode (value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
