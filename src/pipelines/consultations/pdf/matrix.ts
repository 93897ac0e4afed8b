/** `[a b c d e f]` of the PDF: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [number, number, number, number, number, number]
export type Point = { x: number, y: number }

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0]

/** What `inner` does first and `outer` then. */
export const multiply = (inner: Matrix, outer: Matrix): Matrix => [
  inner[0] * outer[0] + inner[1] * outer[2],
  inner[0] * outer[1] + inner[1] * outer[3],
  inner[2] * outer[0] + inner[3] * outer[2],
  inner[2] * outer[1] + inner[3] * outer[3],
  inner[4] * outer[0] + inner[5] * outer[2] + outer[4],
  inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
]

export const transform = (x: number, y: number, [a, b, c, d, e, f]: Matrix): Point => ({
  x: a * x + c * y + e,
  y: b * x + d * y + f
})

/** A matrix as pdf.js gives it: an array of any kind, or none. */
export const toMatrix = (given: ArrayLike<number> | null | undefined): Matrix =>
  given == null ? IDENTITY : (Array.from(given) as unknown as Matrix)
