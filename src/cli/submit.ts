import type { PlanView } from '../schemas/submit.ts'
import { waitMsOf } from './arguments.ts'
import { UsageError } from '../base/errors.ts'
import { waitOption, type Command } from './command.ts'
import { showDispatch } from './dispatch-lines.ts'
import { readEventInput } from './event-input.ts'
import { EXIT } from './exit-code.ts'
import { plain, type Screen } from './screen.ts'
import { drawTable } from './table.ts'

export const submit: Command = {
  details: [
    'TYPE and the options below stand over the fields of --event.',
    'An event without an id gets one here, so that it starts once however often it has to be sent.',
    '--json gives { event, jobs, repeated }; with --wait the event as `signalbox event` does, with --dry-run the plan.'
  ],
  options: {
    event: { type: 'string', short: 'e', value: 'JSON|@FILE|-', help: 'the event; - reads stdin' },
    subject: { type: 'string', value: 'NAME', help: 'what it is about' },
    genome: { type: 'string', value: 'NAME', help: 'the same for genomes: the field genome' },
    id: { type: 'string', value: 'ID', help: 'of your choosing: the same id again starts nothing' },
    source: { type: 'string', value: 'URI', help: 'who sends it' },
    data: { type: 'string', value: 'JSON|@FILE|-', help: 'what the processes need to know' },
    set: {
      type: 'string',
      multiple: true,
      value: 'KEY=TEXT',
      help: 'a field of the data, over --data; KEY:=JSON for what is no text'
    },
    'dry-run': { type: 'boolean', help: 'tell what would start, and why; queue nothing' },
    wait: waitOption
  },
  examples: [
    'signalbox submit new_assembly --genome minimus_exemplaris --set assembly=MEX1 --set ' +
    'fasta=examples/genome/minimus.fa --set gff3=examples/genome/minimus.gff3 --wait',
    'signalbox submit --event @event.json --dry-run'
  ],
  run: async (context) => {
    const { args, client, screen, stdin } = context
    const waitMs = waitMsOf(args)
    if (args.has('dry-run') && waitMs !== undefined) throw new UsageError('--dry-run starts nothing to --wait for')
    const event = await readEventInput(args, stdin)
    if (args.has('dry-run')) return showPlan(await client.plan(event), screen)
    const submission = await client.submit(event)
    return await showDispatch(submission.repeated ? 'known already' : 'accepted', submission, waitMs, context)
  }
}

function showPlan (plan: PlanView, screen: Screen): number {
  const { colors, print, printJson, json } = screen
  const problems = plan.jobs.flatMap((job) =>
    job.problems.map(({ field, message }) => `${job.process}: ${plain(field)} ${plain(message)}`)
  )
  const code = problems.length === 0 ? EXIT.ok : EXIT.refused
  if (json) {
    printJson(plan)
    return code
  }
  print(`${colors.bold(plain(plan.type))} would start ${plan.jobs.length === 0 ? 'nothing' : `${plan.jobs.length} ${plan.jobs.length === 1 ? 'job' : 'jobs'}`}`)
  if (plan.jobs.length > 0) {
    print(
      drawTable(
        [{ title: 'PROCESS' }, { title: 'QUEUE' }, { title: 'WHY', flexible: true }],
        plan.jobs.map((job) => [job.process, job.queue, plain(job.reason)]),
        screen
      )
    )
  }
  const leftOut = plan.left_out ?? []
  if (leftOut.length > 0) {
    print(
      drawTable(
        [{ title: 'NOT STARTED' }, { title: 'WHY', flexible: true }],
        leftOut.map(({ process: name, reason }) => [name, plain(reason)]),
        screen
      )
    )
  }
  const rules = plan.rules ?? []
  if (rules.length > 0) {
    print(
      drawTable(
        [{ title: 'ENTRY' }, { title: 'APPLIES' }, { title: 'WHY', flexible: true }],
        rules.map(({ entry, applied, reason }) => [plain(entry), applied ? 'yes' : 'no', plain(reason)]),
        screen
      )
    )
  }
  if (problems.length > 0) print(colors.red('it would be refused:'), ...problems.map((problem) => `  ${problem}`))
  return code
}
