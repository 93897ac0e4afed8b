/**
 * Numbers by index, 0 where none was set. They lie in pieces: growing copies nothing, and what is not set takes no
 * memory.
 */
export interface Numbers {
  get: (index: number) => number
  set: (index: number, value: number) => void
}

type Piece = Float64Array | Uint32Array | Uint16Array

const PIECE_BITS = 16

export function createNumbers (make: (length: number) => Piece): Numbers {
  const pieces: Array<Piece | undefined> = []
  return {
    get: (index) => pieces[index >>> PIECE_BITS]?.[index & (1 << PIECE_BITS) - 1] ?? 0,
    set: (index, value) => {
      const piece = pieces[index >>> PIECE_BITS] ??= make(1 << PIECE_BITS)
      piece[index & (1 << PIECE_BITS) - 1] = value
    }
  }
}
