import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { errors } from '../../base/errors.ts'

/**
 * A block as it is stored: AES-256-GCM, bound to its kind and name, so that it opens in no other place. All as base64.
 */
export type Sealed = { key: string, iv: string, tag: string, data: string }

/** Seals with the current key, opens with the one before as well. */
export interface Keys {
  /** Whether there is a key at all. */
  readonly ready: boolean
  seal: (place: string, value: unknown) => Sealed
  open: (place: string, sealed: Sealed) => unknown
  isCurrent: (sealed: Sealed) => boolean
}

const CIPHER = 'aes-256-gcm'

/** `current` and `old` are 32 bytes as base64 or hex, or empty. */
export function createKeys (current: string, old = ''): Keys {
  const [newest, ...others] = [current, old].filter((text) => text !== '').map(readKey)
  const byId = new Map([...others, ...(newest === undefined ? [] : [newest])].map((key) => [idOf(key), key]))
  return {
    ready: current !== '',
    seal: (place, value) => {
      if (current === '' || newest === undefined) throw errors.noSecretKey()
      const iv = randomBytes(12)
      const cipher = createCipheriv(CIPHER, newest, iv).setAAD(Buffer.from(place))
      const data = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()])
      return {
        key: idOf(newest),
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        data: data.toString('base64')
      }
    },
    open: (place, { key: id, iv, tag, data }) => {
      const key = byId.get(id)
      if (key === undefined) throw errors.wrongSecretKey(place, current === '')
      try {
        const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, 'base64'), { authTagLength: 16 })
          .setAAD(Buffer.from(place))
          .setAuthTag(Buffer.from(tag, 'base64'))
        return JSON.parse(
          Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString()
        ) as unknown
      } catch (cause) {
        throw errors.blockTampered(place, { cause })
      }
    },
    isCurrent: ({ key }) => newest !== undefined && current !== '' && key === idOf(newest)
  }
}

const readKey = (text: string): Buffer => Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64')

/** Tells keys apart and nothing about them. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('signalbox key id').update(key).digest('hex').slice(0, 12)
