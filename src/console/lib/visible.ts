/** Text of others as text that can be read: what would not be seen, or would turn its neighbours around, is named. */

// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

export const visible = (text: string): string =>
  text.replace(UNSEEN, (sign) => `[U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)

/** The beginning of a long text, cut between two signs. */
export function beginning (text: string, most: number): string {
  if (text.length <= most) return visible(text)
  const end = /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most
  return `${visible(text.slice(0, end))}…`
}
