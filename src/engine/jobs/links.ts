import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { errors } from '../../base/errors.ts'

/** Links to files of the store which anybody can use until they expire. */
export interface Links {
  /** A path and query of this service. */
  sign: (name: string) => { link: string, expires: string }
  /** @throws LINK_INVALID where the link was not made here, or has expired */
  check: (name: string, expires: number, signature: string) => void
}

/**
 * Without a secret key the links are those of this process: another one, or this one after a
 * restart, knows nothing of them.
 */
export function createLinks (secretKey: string, seconds: number): Links {
  const key =
    secretKey === ''
      ? randomBytes(32)
      : Buffer.from(hkdfSync('sha256', secretKey, '', 'signalbox links to files', 32))
  const signatureOf = (name: string, expires: number): Buffer =>
    createHmac('sha256', key).update(`${expires}\n${name}`).digest()
  return {
    sign: (name) => {
      const expires = Math.floor(Date.now() / 1000) + seconds
      const path = name.split('/').map(encodeURIComponent).join('/')
      return {
        link: `/files/${path}?expires=${expires}&signature=${signatureOf(name, expires).toString('base64url')}`,
        expires: new Date(expires * 1000).toISOString()
      }
    },
    check: (name, expires, signature) => {
      const given = Buffer.from(signature, 'base64url')
      const wanted = signatureOf(name, expires)
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted) || Date.now() >= expires * 1000) {
        throw errors.linkInvalid()
      }
    }
  }
}
