import { FFMPEG, runProgram, type Printed } from './program.ts'

export type FfmpegRun = {
  args: string[]
  folder: string
  signal: AbortSignal
  timeoutMs: number
  /** Told the seconds of output that are done. */
  progress?: (seconds: number) => void
  /** Every line that it prints; not together with `progress`. */
  onLine?: (line: string) => void
}

// Files of the job's folder only: a file that names others (a playlist, a concat list) must not reach the network.
const ALWAYS = ['-nostdin', '-hide_banner', '-y', '-protocol_whitelist', 'file,pipe,crypto,data']

/** Runs ffmpeg; `args` are the inputs and outputs. */
export async function runFfmpeg ({ args, progress, ...run }: FfmpegRun): Promise<Printed> {
  return await runProgram(FFMPEG, {
    ...run,
    args: [...ALWAYS, ...progress === undefined ? [] : ['-progress', 'pipe:1', '-nostats', '-stats_period', '0.5'], ...args],
    ...progress === undefined
      ? {}
      : {
          onLine: (line) => {
            const micros = /^out_time_us=(\d+)$/.exec(line)?.[1]
            if (micros !== undefined) progress(Number(micros) / 1e6)
          }
        }
  })
}
