import { AsyncLocalStorage } from 'node:async_hooks'

/** A job in our event loop, and whether it had ended when it threw. */
export type Stray = { process: string, job: string, late: boolean }

type Running = Stray & { file: string, fail: (error: unknown) => void }

/**
 * Errors that a module throws where nobody waits: in a timer, in a promise that was let go. Each would end the process;
 * here it fails the job that it came from.
 */
export interface Strays {
  /** Does the work of a job; rejects with what is thrown astray meanwhile. */
  run: <T>(job: { process: string, job: string, file: string }, work: () => Promise<T>) => Promise<T>
  /** Whose error it is; undefined where it came from no module. */
  caught: (error: unknown) => Stray | undefined
}

export function createStrays (): Strays {
  const state: State = { jobs: new AsyncLocalStorage(), running: new Set() }
  return { run: (job, work) => run(state, job, work), caught: (error) => caught(state, error) }
}

type State = { jobs: AsyncLocalStorage<Running>, running: Set<Running> }

async function run<T> (
  { jobs, running }: State,
  job: Pick<Running, 'process' | 'job' | 'file'>,
  work: () => Promise<T>
): Promise<T> {
  const mine: Running = { ...job, late: false, fail: () => {} }
  running.add(mine)
  try {
    return await new Promise<T>((resolve, reject) => {
      mine.fail = reject
      jobs.run(mine, work).then(resolve, reject)
    })
  } finally {
    mine.late = true
    running.delete(mine)
  }
}

function caught ({ jobs, running }: State, error: unknown): Stray | undefined {
  const found = jobs.getStore() ?? fromStack(running, error)
  if (found === undefined) return undefined
  const { process, job, late } = found
  found.fail(error)
  return { process, job, late }
}

/** What is thrown in a microtask has lost its context, but not its place. */
function fromStack (running: Set<Running>, error: unknown): Running | undefined {
  const stack = error instanceof Error ? error.stack ?? '' : ''
  return [...running].find(({ file }) => stack.includes(file))
}
