import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadBlock } from '../blocks/kind.ts'
import { objectStore } from '../blocks/kinds/object_store.ts'
import { errors } from '../../base/errors.ts'
import { createFileStore } from './file.ts'
import { createS3Store, type S3Settings } from './s3.ts'

/** A file in the store; `modified` is RFC 3339. */
export type StoredFile = { name: string, size: number, modified: string }

/**
 * Where processes put their files. Names are relative, `/`-separated paths; none can leave the store.
 * A file appears under its name only when it is whole.
 */
export interface Store {
  /** Writes `source` to `name`, replacing what was there. Aborting leaves nothing behind. Answers the size in bytes. */
  write: (name: string, source: AsyncIterable<Uint8Array | string>, signal?: AbortSignal) => Promise<number>
  /** Reads a whole file as a stream of chunks. Rejects with `code: 'ENOENT'` where there is none. */
  read: (name: string) => AsyncIterable<Uint8Array>
  /** Names of the files directly in `folder`, sorted; empty where there is none. */
  list: (folder: string) => Promise<string[]>
  /** All files below `folder`, however deep, in the order of their names; '' is the whole store. */
  walk: (folder: string) => AsyncIterable<StoredFile>
  /** Undefined where there is no such file. */
  stat: (name: string) => Promise<StoredFile | undefined>
  remove: (name: string) => Promise<void>
  /** The address of a file as people and other systems know it: `file:///…` or `s3://…`. */
  url: (name: string) => string
}

/** What only we ask of a store. It has either `path` or `link`. */
export interface OpenStore extends Store {
  /** Where a file lies on this machine. */
  path?: (name: string) => Promise<string>
  /** An address from which anybody can fetch the file for so many seconds. */
  link?: (name: string, seconds: number, headers: { disposition: string, type: string }) => Promise<string>
  close: () => void
}

export type StoreSettings = S3Settings

/**
 * Opens the store of a URL: `file:./folder`, `file:/folder`, `file:///folder` or `s3://bucket/prefix`. It need not exist.
 * `owner` is for whom it writes, such as a job: what it left half-written when it was killed goes when it writes again.
 */
export function openStore (settings: string | StoreSettings, owner?: string): OpenStore {
  const given = typeof settings === 'string' ? { url: settings } : settings
  const { url } = given
  if (url.startsWith('s3://')) return createS3Store(given)
  if (!url.startsWith('file:')) throw errors.invalidConfig([`SIGNALBOX_STORE ${JSON.stringify(url)} is neither a file: nor an s3: URL`])
  return createFileStore(url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length)), owner)
}

/** The store as it is configured now: `block:NAME` is the object_store of that name. */
export async function openConfiguredStore (settings: StoreSettings, block: LoadBlock, owner?: string): Promise<OpenStore> {
  const [, name] = /^block:(.+)$/.exec(settings.url) ?? []
  return openStore(name === undefined ? settings : await block(objectStore, name), owner)
}

/** What the configuration and the variables of AWS say; credentials are found by its client. */
export function storeSettings (url: string, env: Record<string, string | undefined>): StoreSettings {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION']
  return { url, ...(endpoint ? { endpoint } : {}), ...(region ? { region } : {}) }
}
