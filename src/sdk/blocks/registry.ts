import type { BlockKind } from './kind.ts'
import { amqp } from './kinds/amqp.ts'
import { coreDatabase } from './kinds/core_database.ts'
import { metadataDatabase } from './kinds/metadata_database.ts'
import { objectStore } from './kinds/object_store.ts'
import { slackWebhook } from './kinds/slack_webhook.ts'
import { smtp } from './kinds/smtp.ts'
import { webhook } from './kinds/webhook.ts'

/**
 * The kinds of blocks that everybody has: the engine, the runners, several pipelines. Others come with their pipeline.
 */
export const commonKinds: readonly BlockKind[] = [
  amqp, coreDatabase, metadataDatabase, objectStore, slackWebhook, smtp, webhook
]
