/** A meeting that a source could not give, and why. */
export type Skipped = { event: string, session?: number, item?: number, reason: string }

/** What a source knows of a range; `given` is not checked yet. */
export type Found = { given: unknown[], skipped: Skipped[], unknownWords: string[] }
