import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { errors } from '../../../base/errors.ts'

const RATE = 16_000
const BYTES_PER_SECOND = RATE * 2
export const FRAME_SECONDS = 0.03
const FRAME_SAMPLES = RATE * FRAME_SECONDS
/** The loudness of samples that are all zero. */
const NOTHING_DB = -120

/** 16 kHz mono pcm_s16le in a WAV file. */
export interface Wav {
  readonly path: string
  readonly seconds: number
  /** A WAV of its own with what lies in these spans, one behind the other; streamed, whatever its length. */
  slice: (spans: readonly Span[]) => { bytes: number, source: AsyncIterable<Uint8Array> }
  /** How loud each piece of `FRAME_SECONDS` is, dB of full scale. */
  loudness: (signal: AbortSignal) => Promise<Float32Array>
}

/** From where to where, in seconds. */
export type Span = { start: number, end: number }

/** @throws FINAL where it is none, or has another form */
export async function openWav (path: string): Promise<Wav> {
  const { at, length } = await findSamples(path)
  const byteAt = (seconds: number): number => Math.min(length, Math.max(0, Math.round(seconds * RATE) * 2))
  return {
    path,
    seconds: length / BYTES_PER_SECOND,
    slice: (spans) => {
      const ranges = spans
        .map(({ start, end }) => ({ from: byteAt(start), to: byteAt(end) }))
        .filter(({ from, to }) => to > from)
      const bytes = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
      async function * source (): AsyncGenerator<Uint8Array> {
        yield header(bytes)
        for (const { from, to } of ranges) {
          yield * createReadStream(path, { start: at + from, end: at + to - 1, highWaterMark: 256 * 1024 })
        }
      }
      return { bytes: 44 + bytes, source: source() }
    },
    loudness: async (signal) =>
      await measureLoudness(
        createReadStream(path, { start: at, end: Math.max(at, at + length - 1), highWaterMark: 256 * 1024, signal }),
        length
      )
  }
}

/** One frame after the other; chunks of a file may end within a sample. */
async function measureLoudness (source: AsyncIterable<Buffer>, length: number): Promise<Float32Array> {
  const frames = new Float32Array(Math.ceil(length / 2 / FRAME_SAMPLES))
  let [samples, squares, frame] = [0, 0, 0]
  let rest: Uint8Array = Buffer.alloc(0)
  const close = (): void => {
    if (samples > 0 && frame < frames.length) {
      frames[frame++] = squares === 0 ? NOTHING_DB : 10 * Math.log10(squares / samples)
    }
    samples = squares = 0
  }
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = bytes.length & ~1
    for (let i = 0; i < whole; i += 2) {
      const value = bytes.readInt16LE(i) / 32768
      squares += value * value
      if (++samples === FRAME_SAMPLES) close()
    }
    rest = bytes.subarray(whole)
  }
  close()
  return frames
}

/**
 * Goes from chunk to chunk: there may be others before the samples. A length that is not true, as
 * of a file that was cut off, gives way to that of the file.
 */
async function findSamples (path: string): Promise<{ at: number, length: number }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (at: number, length: number): Promise<Buffer> =>
      (await file.read(Buffer.alloc(length), 0, length, at)).buffer
    const start = await read(0, 12)
    if (start.toString('latin1', 0, 4) !== 'RIFF' || start.toString('latin1', 8, 12) !== 'WAVE') {
      throw errors.final('the audio is no WAV file')
    }
    for (let at = 12; at + 8 <= size;) {
      const chunk = await read(at, 8)
      const [name, length] = [chunk.toString('latin1', 0, 4), chunk.readUInt32LE(4)]
      if (name === 'fmt ') refuseOtherForm(await read(at + 8, 16))
      if (name === 'data') return { at: at + 8, length: Math.min(length, size - at - 8) & ~1 }
      at += 8 + length + (length & 1)
    }
    throw errors.final('the audio has no samples')
  } finally {
    await file.close()
  }
}

function refuseOtherForm (format: Buffer): void {
  const [tag, channels, rate, bits] = [
    format.readUInt16LE(0),
    format.readUInt16LE(2),
    format.readUInt32LE(4),
    format.readUInt16LE(14)
  ]
  if (tag !== 1 || channels !== 1 || rate !== RATE || bits !== 16) {
    throw errors.final(
      `the audio has ${channels} channels at ${rate} Hz with ${bits} bits; 16 kHz mono with 16 bits is needed`
    )
  }
}

function header (length: number): Buffer {
  const bytes = Buffer.alloc(44)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + length, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(RATE, 24)
  bytes.writeUInt32LE(BYTES_PER_SECOND, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(length, 40)
  return bytes
}
