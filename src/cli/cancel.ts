import { UsageError } from '../base/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { statusMark } from './status-mark.ts'

export const cancel: Command = {
  details: ['A running one is told to stop. `signalbox delete` is the same.'],
  options: {
    event: { type: 'string', value: 'ID', help: 'all jobs of this event and of what followed from it, instead of one' },
    'dry-run': { type: 'boolean', help: 'with --event: tell which; do nothing' }
  },
  examples: ['signalbox cancel dump_dna e3f0….dump_dna', 'signalbox cancel --event e3f0…'],
  run: async (context) => {
    const { args, client, screen: { colors, json, print, printJson } } = context
    const [processName, id] = args.positionals
    const event = args.text('event')
    if (event !== undefined) return await cancelEvent(event, context)
    if (processName === undefined || id === undefined) throw new UsageError('PROCESS and ID are missing, or --event ID')
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

async function cancelEvent (id: string, { args, client, screen }: CommandContext): Promise<number> {
  const answer = await client.cancelEvent(id, { dryRun: args.has('dry-run') })
  if (screen.json) screen.printJson(answer)
  else {
    const word = answer.dry_run ? 'would be cancelled' : 'cancelled'
    screen.print(
      `${answer.cancelled.length} ${word}`,
      ...answer.stopping.map(([processName, job]) => `  ${processName}  ${job}  has been told to stop`),
      ...answer.next === null ? [] : ['not all could be cancelled in time: the same command goes on']
    )
  }
  return EXIT.ok
}
