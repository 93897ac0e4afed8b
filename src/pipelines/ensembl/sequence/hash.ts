/** 32 bits of a text: FNV-1a over its UTF-16, with the bits mixed once more. */
export function hashOf (text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ hash >>> 16, 0x45d9f3b)
  return (hash ^ hash >>> 15) >>> 0
}

/** The same of ASCII that lies in bytes, without making a text of it. */
export function hashOfBytes (bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ hash >>> 16, 0x45d9f3b)
  return (hash ^ hash >>> 15) >>> 0
}
