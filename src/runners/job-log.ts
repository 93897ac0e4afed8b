export type LogLimits = {
  /** Characters of one line; the rest of a longer line is left out. */
  maxLineLength?: number
  /** Characters of all lines together; what comes later is left out. */
  maxTotalLength?: number
}

/**
 * Bounds what one job writes to its log: a program that prints without end must fill neither our memory nor the
 * backend. The last line that is let through says that it is the last.
 */
export const createJobLog = (
  log: (line: string) => void,
  { maxLineLength = 2000, maxTotalLength = 200_000 }: LogLimits = {}
) => {
  let total = 0
  let full = false
  return (line: string): void => {
    if (full) return
    const text = line.length > maxLineLength ? `${line.slice(0, maxLineLength)} … (cut)` : line
    total += text.length + 1
    full = total > maxTotalLength
    // NUL and lone surrogates as in an outcome: the log is stored in the same database
    log(full ? `the log is cut here: more than ${maxTotalLength} characters` : plain(text))
  }
}

const plain = (text: string): string => Buffer.from(text).toString().replaceAll('\u0000', '\ufffd')
