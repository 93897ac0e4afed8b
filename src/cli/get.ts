import { waitMsOf } from './arguments.ts'
import { UsageError } from '../base/errors.ts'
import { waitOption, type Command, type CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { followJob } from './follow.ts'
import { showJob } from './job-lines.ts'
import { plain } from './screen.ts'

const LOG_PAGE = 5000

export const get: Command = {
  details: ['`signalbox retrieve` is the same.'],
  options: {
    wait: waitOption,
    log: { type: 'boolean', help: 'what it has written to its log' },
    follow: { type: 'boolean', help: 'with --log: also what it writes until it ends' },
    failures: { type: 'boolean', help: 'only why it failed, if it did' },
    email: { type: 'string', value: 'ADDRESS', help: 'subject and body of a mail that tells of it; sends nothing' }
  },
  examples: ['signalbox get dump_dna e3f0….dump_dna --wait 5m', 'signalbox get dump_dna e3f0….dump_dna --log'],
  run: async (context) => {
    const { args, client, screen } = context
    const waitMs = waitMsOf(args)
    const [processName = '', id = ''] = args.positionals
    if (args.has('follow') && !args.has('log')) throw new UsageError('--follow goes with --log')
    const forms = ['log', 'failures', 'email'].filter(args.has)
    if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} do not go together`)
    const code = waitMs === undefined ? EXIT.ok : await followJob(processName, id, waitMs, context, forms.length === 0)
    if (args.has('log')) await showLog(processName, id, context)
    else if (args.has('failures')) showFailures(await client.failures(processName, id), context)
    else if (args.has('email')) await showEmail(processName, id, context)
    else if (waitMs === undefined) showJob(await client.getJob(processName, id), screen)
    return code
  }
}

async function showLog (processName: string, id: string, { args, client, screen }: CommandContext): Promise<void> {
  if (args.has('follow') && !screen.json) {
    for await (const line of client.followJobLog(processName, id)) screen.print(plain(line))
    return
  }
  const log = await client.getJobLog(processName, id, { limit: LOG_PAGE })
  while (log.lines.length < log.total) {
    const { lines } = await client.getJobLog(processName, id, { start: log.lines.length, limit: LOG_PAGE })
    if (lines.length === 0) break
    log.lines.push(...lines)
  }
  if (screen.json) screen.printJson(log)
  else screen.print(...log.lines.map(plain))
}

function showFailures (failures: Record<string, string>, { screen }: CommandContext): void {
  if (screen.json) screen.printJson(failures)
  else screen.print(...Object.entries(failures).map(([id, reason]) => `${id}: ${plain(reason)}`))
}

async function showEmail (processName: string, id: string, { args, client, screen }: CommandContext): Promise<void> {
  const mail = await client.email(processName, id, args.text('email') ?? '')
  if (screen.json) screen.printJson(mail)
  else {
    screen.print(
      `To: ${plain(mail.email)}`,
      `Subject: ${plain(mail.subject)}`,
      '',
      ...mail.body.trimEnd().split('\n').map(plain)
    )
  }
}
