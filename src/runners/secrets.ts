import { SignalboxError, errors } from '../base/errors.ts'

/** Replaces secrets in a text; a service may well quote the header that it refuses. */
export const createMask = (secrets: string[]) => {
  // a scheme word before a token is no secret: "Bearer abc" is quoted as "abc", too
  const parts = [...new Set(secrets.flatMap(secret => [secret, ...secret.split(/\s+/)]))]
    .filter(part => part.length >= 4 && !/^(bearer|basic|token|digest)$/i.test(part))
    .sort((a, b) => b.length - a.length)
  return (text: string): string => parts.reduce((result, part) => result.replaceAll(part, '***'), text)
}

// A new error, without cause and stack: both may quote what the message must not.
export const masked = (thrown: unknown, hide: (text: string) => string): Error => {
  const message = hide(thrown instanceof Error ? thrown.message : String(thrown))
  return thrown instanceof SignalboxError ? errors.final(message) : new Error(message)
}
