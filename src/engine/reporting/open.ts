import type { Logger } from 'pino'
import type { LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import { amqp } from '../../sdk/blocks/kinds/amqp.ts'
import { secretsOf } from '../../sdk/blocks/secrets.ts'
import { errors } from '../../base/errors.ts'
import { maskSecrets } from '../../base/mask.ts'
import type { Metrics } from '../metrics.ts'
import { startPublisher, type Exchange, type Publisher } from './publisher.ts'

/** Where reports go: to the broker of `server`, or to that of a block. */
export type ReportSettings = { server: string, block: string, exchange: string, exchange_type: string, buffer: number }

type Dependencies = {
  settings: ReportSettings
  block: LoadBlock
  redactor: Redactor
  metrics: Pick<Metrics, 'reported'>
  log: Logger
}

/** The connection to the broker that the settings name; undefined where they name none. */
export function openPublisher ({ settings, block, redactor, metrics, log }: Dependencies): Publisher | undefined {
  const { server, block: name, exchange, exchange_type: type, buffer } = settings
  if (server === '' && name === '') return undefined
  if (server !== '' && name !== '') {
    throw errors.invalidConfig([
      'SIGNALBOX_REPORT_SERVER and SIGNALBOX_REPORT_BLOCK: one of them says where reports go, not both'
    ])
  }
  redactor.add(secretsOf(amqp.schema, { url: server }))
  const fromBlock = async (): Promise<Exchange> => {
    const { url, exchange, exchange_type: type } = await block(amqp, name)
    return { url, exchange, type }
  }
  return startPublisher({
    exchange: name === '' ? async () => ({ url: server, exchange, type }) : fromBlock,
    maxMessages: buffer,
    hide: (text) => String(maskSecrets(redactor.text(text))),
    log,
    onSent: () => { metrics.reported('sent') },
    onDropped: (count) => { metrics.reported('dropped', count) }
  })
}
