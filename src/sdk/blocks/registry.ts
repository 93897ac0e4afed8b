import type { BlockKind } from './kind.ts'
import { amqp } from './kinds/amqp.ts'
import { apiCredentials } from '../../pipelines/consultations/blocks/api_credentials.ts'
import { coreDatabase } from './kinds/core_database.ts'
import { objectStore } from './kinds/object_store.ts'
import { openaiSpeech } from '../../pipelines/councils/blocks/openai_speech.ts'
import { slackWebhook } from './kinds/slack_webhook.ts'
import { smtp } from './kinds/smtp.ts'
import { videoDownloader } from '../../pipelines/councils/blocks/video_downloader.ts'
import { webhook } from './kinds/webhook.ts'

export type { BlockKind, LoadBlock } from './kind.ts'
export { amqp, apiCredentials, coreDatabase, objectStore, openaiSpeech, slackWebhook, smtp, webhook }

/** The kinds of blocks by name. A new kind is a file in `kinds/` and an entry here. Programs import them as `signalbox/blocks`. */
export const kinds: ReadonlyMap<string, BlockKind> = new Map<string, BlockKind>(
  [amqp, apiCredentials, coreDatabase, objectStore, openaiSpeech, slackWebhook, smtp, videoDownloader, webhook].map((kind) => [kind.kind, kind]))
