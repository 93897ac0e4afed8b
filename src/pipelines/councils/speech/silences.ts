import { runFfmpeg } from '../media/ffmpeg.ts'
import type { Wav } from './wav.ts'

export type Piece = { start: number, end: number }

const TIMEOUT_MS = 3_600_000

/** The audio in pieces of at most `most` seconds, cut in the middle of silences where there are any. */
export async function cutAtSilences (wav: Wav, most: number, { folder, signal }: { folder: string, signal: AbortSignal }): Promise<Piece[]> {
  if (wav.seconds <= most) return [{ start: 0, end: wav.seconds }]
  const middles: number[] = []
  let began: number | undefined
  const onLine = (line: string): void => {
    const [, what, at] = /silence_(start|end): (-?\d+(?:\.\d+)?)/.exec(line) ?? []
    if (what === 'start') began = Number(at)
    else if (what === 'end' && began !== undefined) middles.push((began + Number(at)) / 2)
  }
  await runFfmpeg({ inputs: [{ path: wav.path }], output: ['-nostats', '-af', 'silencedetect=noise=-35dB:d=0.4', '-f', 'null', '-'], folder, signal, timeoutMs: TIMEOUT_MS, onLine })
  return choosePieces(wav.seconds, most, middles)
}

/** Each piece ends at the last silence that it reaches, but not before half of what it may have. */
export function choosePieces (seconds: number, most: number, silences: number[]): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  while (seconds - start > most) {
    const end = silences.findLast((at) => at <= start + most && at >= start + most / 2) ?? start + most
    pieces.push({ start, end })
    start = end
  }
  return [...pieces, { start, end: seconds }]
}
