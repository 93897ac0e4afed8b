/** What the sizes of Whisper are worth, by the measure of the Council Data Project. */
const WORTH = new Map([
  ['tiny', 0.5],
  ['base', 0.6],
  ['small', 0.65],
  ['medium', 0.71],
  ['large', 0.72],
  ['whisper-1', 0.72]
])

/** By the name of a model, or of its file; undefined where it says no size. */
export const worthOf = (model: string): number | undefined =>
  WORTH.get(model) ?? WORTH.get(/(?:^|[/_.-])(tiny|base|small|medium|large)(?:[._-]|$)/.exec(model)?.[1] ?? '')
