import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { statusMark } from './status-mark.ts'

export const cancel: Command = {
  details: ['A running one is told to stop. `signalbox delete` is the same.'],
  options: {},
  examples: ['signalbox cancel dump_dna e3f0….dump_dna'],
  run: async ({ args, client, screen: { colors, json, print, printJson } }) => {
    const [processName = '', id = ''] = args.positionals
    const job = await client.cancelJob(processName, id)
    if (json) printJson(job)
    else {
      print(
        `${statusMark(job.status, colors)} ${job.process}  ${colors.dim(job.id)}  ${OUTCOMES.get(job.status) ?? `was ${job.status} and is removed`}`
      )
    }
    return EXIT.ok
  }
}

const OUTCOMES = new Map<string, string>([
  ['cancelled', 'cancelled'],
  ['running', 'has been told to stop, and still runs']
])
