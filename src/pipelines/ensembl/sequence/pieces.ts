/** The forward sequence of a region, 1-based and inclusive. */
export type ReadBases = (region: string, start: number, end: number) => Promise<Buffer>

export type ReadPieces = (region: string, start: number, end: number) => Promise<Buffer> | Buffer

export type PieceOptions = {
  read: ReadBases
  lengthOf: (region: string) => number
  pieceBases?: number
  mostPieces?: number
}

/**
 * Reads sequence in pieces and keeps those used last, because the exons of genes lie together: what is asked for over
 * and over costs no further read, and memory stays flat. What it answers is not to be changed, and must not go beyond
 * the region.
 */
export function cachePieces ({ read, lengthOf, pieceBases = 1 << 17, mostPieces = 64 }: PieceOptions): ReadPieces {
  const pieces = new Map<string, Buffer>()
  let last: { region: string, index: number, bases: Buffer } | undefined

  async function load (key: string, region: string, index: number): Promise<Buffer> {
    const start = index * pieceBases + 1
    const piece = await read(region, start, Math.min(start + pieceBases - 1, lengthOf(region)))
    pieces.set(key, piece)
    const [oldest] = pieces.keys()
    if (pieces.size > mostPieces) pieces.delete(oldest!)
    return piece
  }

  function piece (region: string, index: number): Promise<Buffer> | Buffer {
    const key = `${index}:${region}`
    const known = pieces.get(key)
    if (known === undefined) return load(key, region, index)
    pieces.delete(key)
    pieces.set(key, known)
    return known
  }

  async function readLong (region: string, start: number, end: number): Promise<Buffer> {
    const bases = Buffer.allocUnsafe(end - start + 1)
    for (let at = start; at <= end;) {
      const index = Math.floor((at - 1) / pieceBases)
      const from = at - 1 - index * pieceBases
      const copied = (await piece(region, index)).copy(bases, at - start, from, from + end - at + 1)
      if (copied === 0) throw new Error(`there is no ${region}:${start}-${end}`)
      at += copied
    }
    return bases
  }

  return (region, start, end) => {
    const index = Math.floor((start - 1) / pieceBases)
    const offset = index * pieceBases
    if (end > offset + pieceBases) return readLong(region, start, end)
    if (last?.region === region && last.index === index) return last.bases.subarray(start - 1 - offset, end - offset)
    const found = piece(region, index)
    const cut = (bases: Buffer): Buffer => {
      last = { region, index, bases }
      return bases.subarray(start - 1 - offset, end - offset)
    }
    return found instanceof Promise ? found.then(cut) : cut(found)
  }
}
