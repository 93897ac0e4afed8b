import { backfill, backfills } from './backfills.ts'
import { blocks } from './blocks.ts'
import { cancel } from './cancel.ts'
import type { Command } from './command.ts'
import { event, events } from './events.ts'
import { exportHistory } from './export.ts'
import { failed } from './failed.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { eventTypes, processes } from './lookup-lists.ts'
import { pause, queues, resume } from './queue-commands.ts'
import { retry } from './redrive.ts'
import { replay } from './replay.ts'
import { schedules } from './schedules.ts'
import { queryCommands } from './query.ts'
import { submit } from './submit.ts'
import type { Shipped } from '../sdk/pipeline.ts'

const COMMANDS: Array<[string, Command]> = [
  ['submit', submit], ['event', event], ['events', events], ['export', exportHistory], ['replay', replay],
  ['get', get], ['list', list], ['failed', failed], ['cancel', cancel], ['retry', retry],
  ['event_types', eventTypes], ['processes', processes], ['queues', queues], ['pause', pause], ['resume', resume],
  ['schedules', schedules], ['backfill', backfill], ['backfills', backfills],
  ['blocks', blocks]
]

/** The client commands by name, in the order of the help: ours, and one for each query of a pipeline. */
export const commandsOf = (shipped: Pick<Shipped, 'queries'>): ReadonlyMap<string, Command> => new Map([...COMMANDS, ...queryCommands(shipped)])

/** Actions of Ensembl's event client whose names are others here. */
export const ALIASES: ReadonlyMap<string, string> = new Map([['retrieve', 'get'], ['delete', 'cancel']])

export const isClientCommand = (name: string, shipped: Pick<Shipped, 'queries'>): boolean => commandsOf(shipped).has(ALIASES.get(name) ?? name)
