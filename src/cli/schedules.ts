import type { ScheduleView } from '../schemas/schedules.ts'
import { UsageError } from '../base/errors.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain, type Screen } from './screen.ts'
import { drawTable } from './table.ts'

export const schedules: Command = {
  positionals: ['[pause|resume]', '[NAME]'],
  summary: 'Lists the schedules with their next tick; pauses or resumes one',
  details: ['A paused schedule makes no events until it is resumed, whatever starts again.'],
  options: {},
  examples: ['signalbox schedules', 'signalbox schedules pause nightly'],
  run: async ({ args, client, screen }) => {
    const [action, name] = args.positionals
    if (action === undefined) {
      const answer = await client.schedules()
      if (screen.json) screen.printJson(answer)
      else screen.print(answer.items.length === 0 ? screen.colors.dim('no schedules') : drawSchedules(answer.items, screen))
      return EXIT.ok
    }
    if (action !== 'pause' && action !== 'resume') throw new UsageError(`${JSON.stringify(action)} is neither pause nor resume`)
    if (name === undefined) throw new UsageError('NAME is missing: which schedule')
    const schedule = action === 'pause' ? await client.pauseSchedule(name) : await client.resumeSchedule(name)
    if (screen.json) screen.printJson(schedule)
    else screen.print(drawSchedules([schedule], screen))
    return EXIT.ok
  }
}

function drawSchedules (items: ScheduleView[], screen: Screen): string {
  const { colors } = screen
  const columns = [{ title: 'SCHEDULE' }, { title: 'STATE' }, { title: 'TYPE', flexible: true }, { title: 'TICKS', flexible: true }, { title: 'NEXT' }, { title: 'LAST', optional: true }, { title: 'PROBLEM', flexible: true }]
  return drawTable(columns, items.map((one) => [
    one.schedule,
    one.paused ? colors.yellow('paused') : colors.green('active'),
    plain(one.type),
    plain(one.cron === null ? `every ${one.every ?? ''}` : `${one.cron} ${one.timezone}`),
    one.next ?? '-',
    one.last ?? '-',
    one.problem === null ? '' : colors.red(plain(one.problem))
  ]), screen)
}
