/** How many bytes are looked at for the zeros of UTF-16, and which share of them is more than a text of UTF-8 has. */
const LOOKED_AT = 4096
const ZEROS = 0.3

/**
 * The text of a file: UTF-8, or UTF-16 by its byte order mark or by its zeros. What is none of these is taken for
 * Windows-1252, as old files are.
 */
export function decodeText (bytes: Uint8Array): string {
  const utf16 = byteOrder(bytes)
  if (utf16 !== undefined) return new TextDecoder(utf16).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function byteOrder (bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const looked = bytes.subarray(0, LOOKED_AT)
  const zeros = (parity: number): number => looked.filter((byte, i) => byte === 0 && i % 2 === parity).length
  const [even, odd] = [zeros(0), zeros(1)]
  if (Math.max(even, odd) < ZEROS * looked.length / 2) return undefined
  return odd > even ? 'utf-16le' : 'utf-16be'
}
