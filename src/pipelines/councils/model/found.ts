/** A meeting that a source could not give, or a part of one, and why. */
export type Skipped = { event: string, session?: number, item?: number, reason: string }

/** What a source knows of a range. */
export type Found = {
  /** Not checked yet. */
  given: unknown[]
  skipped: Skipped[]
  unknownWords: string[]
  /** What is not as it should be of meetings that are kept. */
  noted: Skipped[]
  /** Places in `given` of meetings that are not whole: what is missing of them was not to be had this time. */
  partial: ReadonlySet<number>
}

export const foundNothingElse = (given: unknown[]): Found => ({
  given,
  skipped: [],
  unknownWords: [],
  noted: [],
  partial: new Set()
})
