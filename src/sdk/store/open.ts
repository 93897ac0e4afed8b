import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadBlock } from '../blocks/kind.ts'
import { objectStore } from '../blocks/kinds/object_store.ts'
import { errors } from '../../base/errors.ts'
import { createFileStore } from './file.ts'
import { createS3Store, type S3Settings } from './s3.ts'
import type { OpenStore } from './store.ts'

export type { OpenStore, Store, StoredFile } from './store.ts'

export type StoreSettings = S3Settings

/**
 * Opens the store of a URL: `file:./folder`, `file:/folder`, `file:///folder` or
 * `s3://bucket/prefix`. It need not exist.
 * `owner` is for whom it writes, such as a job: what it left half-written when it was killed goes when it writes again.
 */
export function openStore (settings: string | StoreSettings, owner?: string): OpenStore {
  const given = typeof settings === 'string' ? { url: settings } : settings
  const { url } = given
  if (url.startsWith('s3://')) return createS3Store(given)
  if (!url.startsWith('file:')) {
    throw errors.invalidConfig([`SIGNALBOX_STORE ${JSON.stringify(url)} is neither a file: nor an s3: URL`])
  }
  return createFileStore(url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length)), owner)
}

/** The store as it is configured now: `block:NAME` is the object_store of that name. */
export async function openConfiguredStore (
  settings: StoreSettings,
  block: LoadBlock,
  owner?: string
): Promise<OpenStore> {
  const [, name] = /^block:(.+)$/.exec(settings.url) ?? []
  return openStore(name === undefined ? settings : await block(objectStore, name), owner)
}

/** What the configuration and the variables of AWS say; credentials are found by its client. */
export function storeSettings (url: string, env: Record<string, string | undefined>): StoreSettings {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION']
  const keys = {
    access_key_id: env['AWS_ACCESS_KEY_ID'],
    secret_access_key: env['AWS_SECRET_ACCESS_KEY'],
    session_token: env['AWS_SESSION_TOKEN']
  }
  return { url, endpoint: endpoint || undefined, region: region || undefined, ...keys }
}
