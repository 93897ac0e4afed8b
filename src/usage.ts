/** What `signalbox --help` prints. */
export const usage = (): string => `Signalbox turns events into jobs.

Serve:
  signalbox start                 all roles in one process
  signalbox api                   takes events, answers questions
  signalbox worker                runs the processes
  signalbox results               settles results, closes events
  signalbox migrate               brings the datastore up to date
  signalbox check                 checks configuration and lookups
`
