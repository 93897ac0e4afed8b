const SECRET = /pass(word|wd)?$|secret|token|api_?key|authorization|credential|private_?key/i

/** Whether a field or a variable of this name holds a secret, as far as its name tells. */
export const isSecretName = (name: string): boolean => SECRET.test(name)

/** A copy in which what looks like a secret is replaced: by the name of its field, or as the password of an address. */
export function maskSecrets (value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/(\w+:\/\/[^\s/:@]*):[^\s/]+@/g, '$1:***@')
  if (Array.isArray(value)) return value.map(maskSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      SECRET.test(name) && typeof child === 'string' ? '***' : maskSecrets(child)
    ])
  )
}
