import type { Dispatch } from '../client/answers.ts'
import type { CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { followEvent } from './follow-event.ts'

/** Tells what an event has started, and follows it where that is asked for. Answers the exit code. */
export async function showDispatch (
  word: string,
  dispatch: Dispatch,
  waitMs: number | undefined,
  context: CommandContext
): Promise<number> {
  const {
    screen: { colors, json, print, printJson },
    url
  } = context
  const { event, jobs } = dispatch
  // Said before any waiting, so that who interrupts it knows what to ask for.
  if (!json) print(`${colors.bold(word)}: event ${event}${jobs.length === 0 ? ', which starts nothing' : ''}`)
  if (waitMs !== undefined) return await followEvent(event, waitMs, context)
  if (json) {
    printJson(dispatch)
    return EXIT.ok
  }
  const width = Math.max(0, ...jobs.map(([processName]) => processName.length))
  print(
    ...jobs.map(([processName, id]) => `  ${processName.padEnd(width)}  ${colors.dim(id)}`),
    colors.dim(`signalbox event ${event} --wait`),
    colors.dim(`${url}/events/${event}`)
  )
  return EXIT.ok
}
