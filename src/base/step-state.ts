/** `reused`: its result was remembered. `interrupted`: its run came to an end while it was under way. */
export const STEP_STATES = ['running', 'complete', 'failed', 'reused', 'interrupted'] as const
export type StepState = typeof STEP_STATES[number]
