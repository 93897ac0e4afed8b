/** What a serving command is given of the process that it runs in. */
export type Program = {
  /** Folder of the package: its settings by default, its lookups. */
  home: string
  version: string
  env: Record<string, string | undefined>
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  exit: (code: number) => never
  on: (signal: NodeJS.Signals, listener: () => void) => void
}
