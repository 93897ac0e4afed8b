import type { KeyedEvent } from '../../base/event.ts'
import { readBinary } from './binary.ts'
import { headerOf, modeOf, type Message } from './message.ts'
import { readBatch, readStructured } from './structured.ts'

export type Received = { batch: boolean, events: KeyedEvent[] }

/**
 * Reads the CloudEvents 1.0.2 of a request. Attributes and extensions become fields of the event as
 * they came; nothing is filled in. Data that is neither JSON nor text is kept as `data_base64`.
 *
 * @throws INVALID_EVENT with the path of the field that is at fault, in a batch below the place of its event
 * @throws UNSUPPORTED_FORMAT for a CloudEvents format other than JSON
 */
export function readCloudEvents (message: Message): Received {
  switch (modeOf(headerOf(message, 'content-type'))) {
    case 'batch': return { batch: true, events: readBatch(message.body) }
    case 'structured': return { batch: false, events: [readStructured(message.body)] }
    default: return { batch: false, events: [readBinary(message)] }
  }
}
