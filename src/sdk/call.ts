/** A function of a TypeScript or JavaScript file. A relative path is meant from the working folder of the worker. */
export type FunctionToCall = {
  module: string
  /** Its name; of several the first that the file exports. */
  export: string | readonly string[]
}

/**
 * A program with its arguments, run without a shell. It is given a plain PATH and `env`, nothing of
 * the worker's environment.
 */
export type ProgramToCall = {
  command: readonly string[]
  cwd?: string | undefined
  env?: Readonly<Record<string, string>> | undefined
}

/**
 * Runs another handler inside a job, such as one that the operator's parameters name. Never pass on what an event says:
 * it would choose what runs.
 *
 * @throws FINAL where there is no such function or program; else what the handler throws
 */
export interface Call {
  /** Calls the function with these arguments, in the thread of the process; answers what it returns. */
  (run: FunctionToCall, given: readonly unknown[]): Promise<unknown>
  /**
   * Gives the program the event on its standard input, as JSON; answers its output, the last line of standard output.
   * It is stopped with the job.
   */
  (run: ProgramToCall, event: Readonly<Record<string, unknown>>): Promise<unknown>
}
