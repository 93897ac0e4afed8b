import { errors } from '../../../base/errors.ts'

const maxLineBytes = 16 * 1024 * 1024
const newline = 10

/** Lines of UTF-8 text without their ends, in batches as they come. @throws INPUT_REFUSED past 16 MB a line. */
export async function * readLines (source: AsyncIterable<Uint8Array>, field: string): AsyncGenerator<string[]> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(newline)
    if (end !== -1) {
      yield Buffer.concat([...rest, chunk.subarray(0, end)]).toString('utf8').split(/\r?\n/)
      rest = []
      restBytes = 0
    }
    rest.push(Uint8Array.prototype.slice.call(chunk, end + 1))
    restBytes += chunk.length - end - 1
    if (restBytes > maxLineBytes) throw errors.inputRefused(field, `has a line of more than ${maxLineBytes} bytes`)
  }
  if (restBytes > 0) yield Buffer.concat(rest).toString('utf8').split(/\r?\n/)
}
