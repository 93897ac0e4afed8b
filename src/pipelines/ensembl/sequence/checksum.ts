/** The sum of BSD `sum`, fed piece by piece: what Ensembl's CHECKSUMS files hold. */
export function createBsdSum (): { add: (bytes: Uint8Array) => void, sum: () => number } {
  let sum = 0
  return {
    add: (bytes) => {
      let value = sum
      for (let at = 0; at < bytes.length; at++) value = ((value >> 1) + ((value & 1) << 15) + bytes[at]!) & 0xffff
      sum = value
    },
    sum: () => sum
  }
}

/** A line of CHECKSUMS: sum, size in blocks of 1024 bytes rounded up, bare file name. */
export function checksumLine (sum: number, bytes: number, name: string): string {
  return `${String(sum).padStart(5, '0')} ${String(Math.ceil(bytes / 1024)).padStart(5)} ${name}\n`
}
