/** What was opened and must be closed, the last of it first. */
export interface Closers {
  add: (close: () => Promise<unknown> | void) => void
  /** Harmless when repeated: all callers wait for the same end. */
  closeAll: () => Promise<void>
}

export function createClosers (): Closers {
  const stack: Array<() => Promise<unknown> | void> = []
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    for (let close = stack.pop(); close !== undefined; close = stack.pop()) await close()
  }
  return {
    add: (close) => { stack.push(close) },
    closeAll: () => (closing ??= closeAll())
  }
}
