/**
 * A list of texts, bytes and counts, written as one: MessagePack, which Redis makes a table of. As many arguments of a
 * command they cost the client more, most where some are bytes: then it writes each by itself.
 */
export interface Packer {
  text: (value: string) => void
  /** Redis reads them as a text, which in Lua is the same; it knows MessagePack's own form of them not. */
  bytes: (value: Buffer) => void
  count: (value: number) => void
  /** The whole list, to which nothing is added any more. */
  end: () => Buffer
}

const [LIST, TEXT, COUNT] = [0xdd, 0xdb, 0xce]
/** A sign and 32 bits. */
const HEAD = 5
const FIRST_BYTES = 16_384

export function createPacker (): Packer {
  let [buffer, at, items] = [Buffer.allocUnsafe(FIRST_BYTES), HEAD, 0]

  /** Room for the next item, which may become so many bytes. */
  function open (bytes: number): void {
    items++
    if (at + HEAD + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, at + HEAD + bytes))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }

  function head (place: number, sign: number, value: number): void {
    buffer[place] = sign
    buffer.writeUInt32BE(value, place + 1)
  }

  return {
    text: (value) => {
      // A UTF-16 code unit becomes three bytes at most.
      open(3 * value.length)
      const bytes = buffer.write(value, at + HEAD)
      head(at, TEXT, bytes)
      at += HEAD + bytes
    },
    bytes: (value) => {
      open(value.length)
      head(at, TEXT, value.length)
      value.copy(buffer, at + HEAD)
      at += HEAD + value.length
    },
    count: (value) => {
      open(0)
      head(at, COUNT, value)
      at += HEAD
    },
    end: () => {
      head(0, LIST, items)
      return buffer.subarray(0, at)
    }
  }
}
