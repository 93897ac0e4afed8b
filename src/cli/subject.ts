import type { SubjectProcess } from '../schemas/subjects.ts'
import { ago } from './ago.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain } from './screen.ts'
import { statusMark } from './status-mark.ts'
import { drawItems, type ItemColumn } from './table.ts'

const PROCESSES: Array<ItemColumn<SubjectProcess>> = [
  { title: 'PROCESS', of: ({ process: name }) => name },
  {
    title: 'LAST SUCCESS',
    of: ({ last_success: good }, colors) =>
      good === null ? 'never' : `${statusMark('complete', colors)} ${ago(good.at)}`
  },
  {
    title: 'LAST FAILURE',
    of: ({ last_failure: bad }, colors) => bad === null ? '' : `${statusMark('failed', colors)} ${ago(bad.at)}`
  },
  { title: 'ID OF THE SUCCESS', below: true, of: ({ last_success: good }) => good?.job ?? '' }
]

export const subject: Command = {
  details: ['`signalbox events --subject NAME` lists its events, `signalbox export --subject NAME` its whole history.'],
  options: {},
  examples: ['signalbox subject seattle'],
  run: async ({ args, client, screen }) => {
    const [name = ''] = args.positionals
    const found = await client.subject(name)
    if (screen.json) screen.printJson(found)
    else if (found.processes.length === 0) screen.print(`no job about ${plain(name)} has ended`)
    else {
      screen.print(drawItems(PROCESSES, found.processes, screen))
      if (found.cut) screen.print(screen.colors.dim(`of its latest ${found.events} events`))
    }
    return EXIT.ok
  }
}
