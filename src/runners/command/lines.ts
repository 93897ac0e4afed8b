import type { Readable } from 'node:stream'

export type Line = { text: string, /** The line was longer than allowed and `text` is its beginning. */ cut: boolean }

/**
 * Calls `onLine` for every line of a stream that is not blank, without its end. Holds at most `maxBytes` of a line,
 * so a flood without a newline costs no memory.
 */
export const readLines = (stream: Readable, maxBytes: number, onLine: (line: Line) => void): void => {
  let parts: Buffer[] = []
  let length = 0
  let cut = false

  const add = (part: Buffer): void => {
    const room = maxBytes - length
    cut ||= part.length > room
    if (room <= 0 || part.length === 0) return
    const kept = part.subarray(0, room)
    // a copy when it is small, so that a short line does not hold the whole chunk it came in
    parts.push(kept.length < 1024 ? Buffer.from(kept) : kept)
    length += kept.length
  }
  const end = (): void => {
    const text = Buffer.concat(parts).toString().trimEnd()
    const line = { text, cut }
    parts = []
    length = 0
    cut = false
    if (text.trim() !== '') onLine(line)
  }

  stream.on('data', (chunk: Buffer) => {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at))
      end()
      from = at + 1
    }
    add(chunk.subarray(from))
  })
  stream.on('end', end)
  // a pipe that breaks has ended
  stream.on('error', () => {})
}
