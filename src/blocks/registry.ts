import type { BlockKind } from './kind.ts'
import { amqp } from './kinds/amqp.ts'
import { apiCredentials } from './kinds/api_credentials.ts'
import { coreDatabase } from './kinds/core_database.ts'
import { objectStore } from './kinds/object_store.ts'
import { openaiSpeech } from './kinds/openai_speech.ts'
import { slackWebhook } from './kinds/slack_webhook.ts'
import { smtp } from './kinds/smtp.ts'
import { webhook } from './kinds/webhook.ts'

/** The kinds of blocks by name. A new kind is a file in `kinds/` and an entry here. */
export const kinds: ReadonlyMap<string, BlockKind> = new Map<string, BlockKind>(
  [amqp, apiCredentials, coreDatabase, objectStore, openaiSpeech, slackWebhook, smtp, webhook].map((kind) => [kind.kind, kind]))
