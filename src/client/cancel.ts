import { waitMsOf } from './arguments.ts'
import { waitOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { followJob } from './follow-job.ts'
import { plain } from './screen.ts'
import { statusMark } from './status-mark.ts'

export const cancel: Command = {
  positionals: ['PROCESS', 'ID'],
  summary: 'Cancels a job; removes one that has ended',
  details: ['A running one is told to stop. `signalbox delete` is the same.'],
  options: {},
  examples: ['signalbox cancel dump_dna e3f0….dump_dna'],
  run: async ({ args, client, screen: { colors, json, print, printJson } }) => {
    const [processName = '', id = ''] = args.positionals
    const job = await client.cancelJob(processName, id)
    if (json) printJson(job)
    else print(`${statusMark(job.status, colors)} ${job.process}  ${colors.dim(job.id)}  ${OUTCOMES.get(job.status) ?? `was ${job.status} and is removed`}`)
    return EXIT.ok
  }
}

const OUTCOMES = new Map<string, string>([['cancelled', 'cancelled'], ['running', 'has been told to stop, and still runs']])

export const retry: Command = {
  positionals: ['PROCESS', 'ID'],
  summary: 'Runs a failed or cancelled job again, under the same id',
  options: { wait: waitOption },
  examples: ['signalbox retry dump_dna e3f0….dump_dna --wait'],
  run: async (context) => {
    const { args, client, screen: { colors, json, print, printJson } } = context
    const waitMs = waitMsOf(args)
    const [processName = '', id = ''] = args.positionals
    const job = await client.retryJob(processName, id)
    if (json && waitMs === undefined) printJson(job)
    if (!json) print(`${statusMark(job.status, colors)} ${job.process}  ${colors.dim(job.id)}  ${job.status} again${job.waiting_for === null ? '' : `, waits for ${plain(job.waiting_for)}`}`)
    return waitMs === undefined ? EXIT.ok : await followJob(processName, id, waitMs, context)
  }
}
