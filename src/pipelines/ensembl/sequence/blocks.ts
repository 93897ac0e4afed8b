/** The forward sequence of a region, 1-based and inclusive. */
export type ReadBases = (region: string, start: number, end: number) => Promise<Buffer>

export type BlockOptions = { read: ReadBases, lengthOf: (region: string) => number, blockBases?: number, mostBlocks?: number }

/**
 * Reads sequence in blocks and keeps those used last, because the exons of genes lie together: what is asked for over and
 * over costs no further read, and memory stays flat. What it answers is not to be changed, and must not go beyond the region.
 */
export function cacheBlocks ({ read, lengthOf, blockBases = 1 << 17, mostBlocks = 64 }: BlockOptions): (region: string, start: number, end: number) => Promise<Buffer> | Buffer {
  const blocks = new Map<string, Buffer>()
  let last: { region: string, index: number, bases: Buffer } | undefined

  async function load (key: string, region: string, index: number): Promise<Buffer> {
    const start = index * blockBases + 1
    const block = await read(region, start, Math.min(start + blockBases - 1, lengthOf(region)))
    blocks.set(key, block)
    const [oldest] = blocks.keys()
    if (blocks.size > mostBlocks) blocks.delete(oldest!)
    return block
  }

  function block (region: string, index: number): Promise<Buffer> | Buffer {
    const key = `${index}:${region}`
    const known = blocks.get(key)
    if (known === undefined) return load(key, region, index)
    blocks.delete(key)
    blocks.set(key, known)
    return known
  }

  async function readLong (region: string, start: number, end: number): Promise<Buffer> {
    const bases = Buffer.allocUnsafe(end - start + 1)
    for (let at = start; at <= end;) {
      const index = Math.floor((at - 1) / blockBases)
      const from = at - 1 - index * blockBases
      const copied = (await block(region, index)).copy(bases, at - start, from, from + end - at + 1)
      if (copied === 0) throw new Error(`there is no ${region}:${start}-${end}`)
      at += copied
    }
    return bases
  }

  return (region, start, end) => {
    const index = Math.floor((start - 1) / blockBases)
    const offset = index * blockBases
    if (end > offset + blockBases) return readLong(region, start, end)
    if (last?.region === region && last.index === index) return last.bases.subarray(start - 1 - offset, end - offset)
    const found = block(region, index)
    const cut = (bases: Buffer): Buffer => {
      last = { region, index, bases }
      return bases.subarray(start - 1 - offset, end - offset)
    }
    return found instanceof Promise ? found.then(cut) : cut(found)
  }
}
