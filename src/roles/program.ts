/** What a serving command is given of the process that it runs in. */
export type Program = {
  /** Folder of the package: its settings by default, its lookups. */
  home: string
  version: string
  env: Record<string, string | undefined>
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  exit: (code: number) => never
  /** Errors that nobody waits for: thrown in a callback, or in a promise that was let go. */
  onStray: (listener: (error: unknown) => void) => void
  on: (signal: NodeJS.Signals, listener: () => void) => void
}
