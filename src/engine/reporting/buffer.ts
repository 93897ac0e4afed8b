import type { Message } from './report.ts'

/** What waits to be sent, in order: at most so many, and so many bytes. */
export interface MessageBuffer {
  /** False where there is no room: then it is not kept. */
  add: (message: Message) => boolean
  take: () => Message | undefined
  /** Puts those back in front that were taken and not confirmed. */
  putBack: (messages: Message[]) => void
  /** It is sent: its room is free. */
  release: (message: Message) => void
  /** What waits, and what was taken and is not released yet. */
  held: () => number
}

export function createBuffer ({ maxMessages, maxBytes }: { maxMessages: number, maxBytes: number }): MessageBuffer {
  let waiting: Message[] = []
  /** Those before it have been taken; so that taking the first of thousands moves none. */
  let start = 0
  let held = 0
  let bytes = 0
  return {
    add: (message) => {
      if (held >= maxMessages || bytes + message.body.length > maxBytes) return false
      waiting.push(message)
      held++
      bytes += message.body.length
      return true
    },
    take: () => {
      const message = waiting[start]
      if (message === undefined) return undefined
      start++
      if (start === waiting.length) {
        waiting = []
        start = 0
      }
      return message
    },
    putBack: (messages) => {
      waiting = [...messages, ...waiting.slice(start)]
      start = 0
    },
    release: ({ body }) => {
      held--
      bytes -= body.length
    },
    held: () => held
  }
}
