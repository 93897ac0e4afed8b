import type { ProcessContext, ProcessOutcome } from '../../src/sdk/process.ts'

/** Only tells what it was given, so running twice is harmless. */
export async function run ({ params, log }: ProcessContext): Promise<ProcessOutcome> {
  log(`caused by ${String(params['cause'])}`)
  return { output: params }
}
