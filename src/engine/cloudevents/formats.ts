/** The formats of CloudEvents attributes. Every pattern takes time in proportion to its text. */

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?:[ \\t]*;(?:[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))?)*[ \\t]*$`
)

/** RFC 2046, with or without parameters. */
export const isMediaType = (text: string): boolean => MEDIA_TYPE.test(text)

export const isJsonType = (mediaType: string): boolean =>
  /^(?:[^/;]+\/[^;]*\+json|(?:application|text)\/json)[ \t]*(?:;|$)/i.test(mediaType)

/** RFC 4648 with padding, without line breaks. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

/** RFC 3986: a URI, or a reference that is relative. */
export function isUriReference (text: string): boolean {
  if (!/^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/.test(text)) return false
  const [, scheme, authority, path = '', query = '', fragment] =
    /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text) ?? []
  if (scheme !== undefined && !/^[A-Za-z][A-Za-z0-9+\-.]*$/.test(scheme)) return false
  if (/[[\]]/.test(path + query) || (fragment !== undefined && /[[\]#]/.test(fragment))) return false
  if (
    authority !== undefined &&
    !/^(?:[^@[\]]*@)?(?:\[[0-9A-Za-z:.~!$&'()*+,;=_-]+\]|[^@:[\]]*)(?::\d*)?$/.test(authority)
  ) {
    return false
  }
  // A colon in the first segment would make what is before it the scheme.
  return scheme !== undefined || authority !== undefined || !/^[^/]*:/.test(path)
}

/** RFC 3986: a URI with its scheme. */
export const isAbsoluteUri = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+\-.]*:/.test(text) && isUriReference(text)

/** What a CloudEvents string must not hold: control characters, lone surrogates, noncharacters. */
export const hasForbiddenCharacter = (text: string): boolean => /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text)
