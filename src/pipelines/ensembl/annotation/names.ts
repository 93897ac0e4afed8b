import { readValue } from './attributes.ts'

/** How genes, transcripts and proteins are named in what is written. */
export interface Names {
  /** The `*_id` attribute, else the ID without its prefix; `.version` only where there is one. */
  of: (attributes: string, kind: 'gene' | 'transcript' | 'protein', id?: string) => string
}

const ENSEMBL_PREFIXES = ['gene:', 'transcript:', 'CDS:']

/** `prefixes` are taken off IDs, the longest that fits. Default: those of Ensembl's files. */
export function createNames (prefixes: readonly string[] = ENSEMBL_PREFIXES): Names {
  const longestFirst = [...prefixes].sort((one, other) => other.length - one.length)
  const strip = (id: string): string => {
    const prefix = longestFirst.find((one) => one.length < id.length && id.startsWith(one))
    return prefix === undefined ? id : id.slice(prefix.length)
  }
  return {
    of: (attributes, kind, id) => {
      const name = readValue(attributes, `${kind}_id`) ?? strip(readValue(attributes, 'ID') ?? id ?? '')
      const version = readValue(attributes, 'version') ?? readValue(attributes, `${kind}_version`)
      return version === undefined || version === '0' ? name : `${name}.${version}`
    }
  }
}
