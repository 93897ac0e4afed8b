import { checkGather } from './councils/meetings/check.ts'

/** Paths and messages of what an event lacks. */
export type Check = (event: unknown) => Array<{ field: string, message: string }>

/** What built-in processes ask of an event beyond what the JSON Schema of their lookup entry can say. */
export const checks: ReadonlyMap<string, Check> = new Map([['gather', checkGather]])

/**
 * Parameters of built-in processes that no event may give, whether or not their lookup entry has them as fixed: what is
 * said there may be a command.
 */
export const operatorsOwn: ReadonlyMap<string, readonly string[]> = new Map([
  ['gather', ['source']],
  ['transcribe', ['speech', 'downloader', 'caption_tolerance', 'max_video_bytes', 'pauses']]
])
