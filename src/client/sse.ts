export type SseMessage = { event: string, data: string, id: string | undefined }

/**
 * Reads `text/event-stream` as the HTML standard says (section 9.2.6), piece by piece: `feed` answers the messages that a
 * piece has completed. `id` is that of the stream so far.
 */
export function createSseReader (): { feed: (text: string) => SseMessage[] } {
  let rest = ''
  let isFirst = true
  let id: string | undefined
  let event = ''
  let data: string[] = []

  function readLine (line: string): SseMessage | undefined {
    if (line === '') {
      const message = data.length === 0 ? undefined : { event: event === '' ? 'message' : event, data: data.join('\n'), id }
      event = ''
      data = []
      return message
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return {
    feed: (text) => {
      let whole = rest + text
      if (isFirst && whole !== '') {
        whole = whole.replace(/^\uFEFF/, '')
        isFirst = false
      }
      // A CR at the end may be half of a CRLF.
      const end = whole.endsWith('\r') ? whole.length - 1 : whole.length
      const lines = whole.slice(0, end).split(/\r\n|\r|\n/)
      rest = (lines.pop() ?? '') + whole.slice(end)
      return lines.flatMap((line) => readLine(line) ?? [])
    }
  }
}
