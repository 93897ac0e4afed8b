import { FFMPEG, runProgram, type Printed } from './program.ts'
import { readingOptions } from './reading.ts'

/** A local file that ffmpeg reads, and the options that stand before it. */
export type MediaInput = { path: string, options?: string[] }

export type FfmpegRun = {
  inputs: MediaInput[]
  /** What is made of them: options and the file behind them. */
  output: string[]
  folder: string
  signal: AbortSignal
  timeoutMs: number
  /** Told the seconds of output that are done. */
  progress?: (seconds: number) => void
  /** Every line that it prints; not together with `progress`. */
  onLine?: (line: string) => void
}

/** Runs ffmpeg. Each input is read as a container of media, from the file that is named and from nothing else. */
export async function runFfmpeg ({ inputs, output, progress, onLine, ...run }: FfmpegRun): Promise<Printed> {
  const reading = inputs.flatMap(({ path, options = [] }) => [...options, ...readingOptions(path)])
  const reporting = progress === undefined ? [] : ['-progress', 'pipe:1', '-nostats', '-stats_period', '0.5']
  return await runProgram(FFMPEG, {
    ...run,
    reads: inputs.map(({ path }) => path),
    args: ['-nostdin', '-hide_banner', '-y', ...reporting, ...reading, ...output],
    onLine: progress === undefined ? onLine : (line) => { reportProgress(line, progress) }
  })
}

function reportProgress (line: string, progress: (seconds: number) => void): void {
  const micros = /^out_time_us=(\d+)$/.exec(line)?.[1]
  if (micros !== undefined) progress(Number(micros) / 1e6)
}
