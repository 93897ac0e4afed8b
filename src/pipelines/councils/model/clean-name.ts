import { decodeEntities } from '../captions/entities.ts'

/** A name or title as people read it: without markup and entities, with single blanks. Ids are made of names. */
export const cleanName = (text: string): string =>
  decodeEntities(text.replace(/<\/?[a-z][^<>]*>/gi, ' '))
    .replaceAll('\0', '')
    .replace(/[\s\u00a0\u200b\ufeff]+/g, ' ')
    .trim()
