/** The value at an RFC 6901 pointer such as `/result/status`; undefined where there is none. */
export const atPointer = (value: unknown, pointer: string): unknown => {
  let found = value
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}
