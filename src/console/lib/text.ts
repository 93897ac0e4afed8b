/** Sentences of the console that stand in more than one place, or that tell people what to do. */
export const text = {
  signIn: {
    title: 'Sign in',
    hint: 'This service asks for a key. Whoever runs it makes one with “signalbox keys new”.',
    wrong: 'This key is not known here, or has expired.',
    expired: 'Your key is not taken any more: it has expired, or it was changed.'
  },
  refused: (name: string, scope: string): string => `The key “${name}” does not have the scope “${scope}”.`,
  copied: 'Copied',
  nothingFailed: 'Nothing has failed',
  away: 'The datastore does not answer. What you see is what was last known; nothing can be changed now.',
  lookups: 'The lookup files on disk are not valid; those from before are in force.'
}
