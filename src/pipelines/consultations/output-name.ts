export const OUTPUT_PREFIX = 'consultation-documents-preprocessed-'
export const OUTPUT_SUFFIX = '.parquet'

/** One file a day, by UTC. */
export const outputName = (at: Date): string => `${OUTPUT_PREFIX}${at.toISOString().slice(0, 10)}${OUTPUT_SUFFIX}`
