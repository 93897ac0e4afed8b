/** The letters of CEA-608 that are not those of ASCII. */
const OTHERS = new Map([
  [0x2a, 'á'],
  [0x5c, 'é'],
  [0x5e, 'í'],
  [0x5f, 'ó'],
  [0x60, 'ú'],
  [0x7b, 'ç'],
  [0x7c, '÷'],
  [0x7d, 'Ñ'],
  [0x7e, 'ñ'],
  [0x7f, '█']
])
const SPECIAL = [...'®°½¿™¢£♪à èâêîôû']
const SPANISH_AND_FRENCH = [...'ÁÉÓÚÜü‘¡*\'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»']
const PORTUGUESE_AND_GERMAN = [...'ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤¦ÅåØø┌┐└┘']

export const letterOf = (byte: number): string => OTHERS.get(byte) ?? String.fromCharCode(byte)

/** A letter that takes two bytes. One of the two extended sets stands in the place of the letter before it. */
export function pairLetter (first: number, second: number): { letter: string, replaces: boolean } | undefined {
  if (first === 0x11 && second >= 0x30 && second <= 0x3f) {
    return { letter: SPECIAL[second - 0x30] ?? '', replaces: false }
  }
  const table = first === 0x12 ? SPANISH_AND_FRENCH : first === 0x13 ? PORTUGUESE_AND_GERMAN : undefined
  if (table === undefined || second < 0x20 || second > 0x3f) return undefined
  return { letter: table[second - 0x20] ?? '', replaces: true }
}
