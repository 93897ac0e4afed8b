/** The lengths of the grams, in words. */
export const LENGTHS = [1, 2, 3] as const
export type Length = typeof LENGTHS[number]
