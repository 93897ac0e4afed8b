import { errors } from '../../base/errors.ts'
import { isTooDeep } from '../../base/json-depth.ts'

/** Bytes as text; undefined where they are not text in that character set, or the set is not known. */
export function decodeText (bytes: Uint8Array, charset = 'utf-8'): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * JSON is UTF-8, whatever its media type says of a character set.
 *
 * @throws INVALID_EVENT with `path`
 */
export function parseJson (bytes: Uint8Array, path: string): unknown {
  const text = decodeText(bytes)
  if (text === undefined) throw errors.invalidEvent(path, 'is not UTF-8')
  if (isTooDeep(bytes)) throw errors.tooDeep()
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    // What the parser says quotes the body.
    throw errors.invalidEvent(path, 'is not valid JSON')
  }
}
