import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain } from './screen.ts'
import { drawTable } from './table.ts'

export const eventTypes: Command = {
  positionals: [],
  summary: 'Lists the event types and the processes that they start',
  options: {},
  examples: ['signalbox event_types'],
  run: async ({ client, screen }) => {
    const answer = await client.eventTypes()
    const rows = answer.items.map(({ type, match, processes, description }) => [match == null ? plain(type) : `${plain(type)} ${plain(JSON.stringify(match))}`, processes.join(', ') || '(recorded only)', plain(description ?? '')])
    if (screen.json) screen.printJson(answer)
    else screen.print(drawTable([{ title: 'EVENT TYPE', flexible: true }, { title: 'STARTS', flexible: true }, { title: 'DESCRIPTION', flexible: true }], rows, screen))
    return EXIT.ok
  }
}

export const processes: Command = {
  positionals: [],
  summary: 'Lists the processes, how they run and on which queues',
  options: {},
  examples: ['signalbox processes --json'],
  run: async ({ client, screen }) => {
    const answer = await client.processes()
    const rows = answer.items.map((one) => [one.process, one.queue, plain(runOf(one.run)), String(one.attempts), (one.emits ?? []).join(', '), plain(one.description ?? '')])
    const columns = [{ title: 'PROCESS' }, { title: 'QUEUE' }, { title: 'RUNS', flexible: true }, { title: 'ATTEMPTS', right: true, optional: true }, { title: 'EMITS', flexible: true, optional: true }, { title: 'DESCRIPTION', flexible: true }]
    if (screen.json) screen.printJson(answer)
    else screen.print(drawTable(columns, rows, screen))
    return EXIT.ok
  }
}

/** The runner and what it is given first: `module dump_dna`. */
function runOf (run: object): string {
  const [kind = '', what] = Object.entries(run)[0] ?? []
  return typeof what === 'string' ? `${kind} ${what}` : Array.isArray(what) ? `${kind} ${what.join(' ')}` : kind
}
