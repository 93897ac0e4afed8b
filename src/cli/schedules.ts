import { waitMsOf } from './arguments.ts'
import { UsageError } from '../base/errors.ts'
import { showDispatch } from './dispatch-lines.ts'
import { waitOption, type Command } from './command.ts'
import { SCHEDULES } from './columns.ts'
import { EXIT } from './exit-code.ts'
import { showPages } from './pages.ts'
import { drawItems } from './table.ts'

export const schedules: Command = {
  details: ['A paused schedule makes no events until it is resumed, whatever starts again; run makes one now.'],
  options: {
    wait: waitOption,
    note: { type: 'string', value: 'TEXT', help: 'with pause: why, for who looks later' }
  },
  examples: ['signalbox schedules', 'signalbox schedules pause nightly'],
  run: async (context) => {
    const { args, client, screen } = context
    const [action, name] = args.positionals
    if (action === undefined) {
      await showPages(() => client.schedules(), { all: false, columns: SCHEDULES, none: 'no schedules' }, screen)
      return EXIT.ok
    }
    if (action !== 'pause' && action !== 'resume' && action !== 'run') {
      throw new UsageError(`${JSON.stringify(action)} is not one of pause, resume, run`)
    }
    if (name === undefined) throw new UsageError('NAME is missing: which schedule')
    if (action === 'run') {
      return await showDispatch('submitted', await client.runSchedule(name), waitMsOf(args), context)
    }
    const schedule = action === 'pause'
      ? await client.pauseSchedule(name, args.text('note'))
      : await client.resumeSchedule(name)
    if (screen.json) screen.printJson(schedule)
    else screen.print(drawItems(SCHEDULES, [schedule], screen))
    return EXIT.ok
  }
}
