import { checkGather } from '../cdp/gather/check.ts'

/** Paths and messages of what an event lacks. */
export type Check = (event: unknown) => Array<{ field: string, message: string }>

/** What built-in processes ask of an event beyond what the JSON Schema of their lookup entry can say. */
export const checks: ReadonlyMap<string, Check> = new Map([['gather', checkGather]])
