import { errors } from '../base/errors.ts'

/** A place in a list that is ordered newest first: what follows is older, or as old with a smaller id. */
export type Place = { at: number, id: string }

export const writeCursor = ({ at, id }: Place): string => Buffer.from(`${at} ${id}`).toString('base64url')

export function readCursor (cursor: string): Place {
  const [, at, id] = /^(\d{1,15}) ([\w.-]{1,256})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at === undefined || id === undefined) throw errors.invalidQuery('cursor', 'is not the `next` of a page of this list')
  return { at: Number(at), id }
}
