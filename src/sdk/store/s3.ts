import { Readable } from 'node:stream'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { errors } from '../../base/errors.ts'
import { importOptional } from '../../base/optional.ts'
import type { LinkHeaders, OpenStore, StoredFile } from './store.ts'
import { interruptible } from './interruptible.ts'
import { isName, segments } from './names.ts'

export type S3Settings = {
  url: string
  endpoint?: string | undefined
  region?: string | undefined
  access_key_id?: string | undefined
  secret_access_key?: string | undefined
  session_token?: string | undefined
  /** PEM of who has signed the certificate of the service, where the system does not know them. */
  ca?: string | undefined
}

/** There are 10,000 parts at most, so a file may have 80 GB. Small ones are soon through when the work is to stop. */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
/** Chunks that are fetched from the source while a part is on its way. */
const CHUNKS_AHEAD = 16
/** Named where its packages are not installed. */
const S3 = 'a store in S3'
const MAX_KEY_BYTES = 1024

/**
 * A store in a bucket of S3, or of what understands the same requests. A file appears only when its upload is complete,
 * and an upload that fails or is aborted leaves no part behind.
 */
export function createS3Store (settings: S3Settings): OpenStore {
  const { bucket, prefix } = readAddress(settings.url)
  let opened: Promise<S3Client> | undefined
  let isClosed = false
  const sdk = once(async () => await importOptional(async () => await import('@aws-sdk/client-s3'), S3))
  const client = async (): Promise<S3Client> => {
    if (isClosed) throw new Error('the store is closed')
    return await (opened ??= sdk().then(({ S3Client }) => new S3Client(toClientConfig(settings))))
  }
  const bound: Bucket = { bucket, prefix, sdk, client }
  return {
    write: async (name, source, signal) => await write(bound, name, source, signal),
    read: (name) => read(bound, name),
    walk: (folder) => walk(bound, folder),
    list: async (folder) => await list(bound, folder),
    stat: async (name) => await stat(bound, name),
    remove: async (name) => await remove(bound, name),
    url: (name) => `s3://${bucket}/${keyOf(bound, name)}`,
    link: async (name, seconds, headers) => await link(bound, name, seconds, headers),
    close: () => {
      isClosed = true
      void opened?.then((one) => { one.destroy() })
    }
  }
}

type Bucket = {
  bucket: string
  /** What comes before every name. */
  prefix: string[]
  /** Half a second and 20 MB to load: only for who has such a store. */
  sdk: () => Promise<typeof import('@aws-sdk/client-s3')>
  client: () => Promise<S3Client>
}

function toClientConfig ({
  endpoint, region = 'us-east-1', access_key_id: accessKeyId, secret_access_key: secretAccessKey,
  session_token: sessionToken, ca
}: S3Settings): S3ClientConfig {
  return {
    region,
    // Without them the client looks for its own, in the environment and in files.
    credentials: accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...sessionToken ? { sessionToken } : {} }
      : undefined,
    endpoint,
    forcePathStyle: endpoint !== undefined,
    // Other services than AWS may not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 300_000,
      httpsAgent: ca === undefined ? undefined : { ca }
    }
  }
}

function keyOf ({ prefix }: Bucket, name: string): string {
  const key = [...prefix, ...segments(name)].join('/')
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return key
  throw errors.final(`${JSON.stringify(name)} is too long for a name in the store`)
}

const folderKey = ({ prefix }: Bucket, folder: string): string =>
  [...prefix, ...(folder === '' ? [] : segments(folder)), ''].join('/')

const nameOf = ({ prefix }: Bucket, key: string): string => key.slice(prefix.map((part) => `${part}/`).join('').length)

async function * walk (bound: Bucket, folder: string, delimiter?: string): AsyncGenerator<StoredFile> {
  const { bucket, sdk, client } = bound
  const { ListObjectsV2Command } = await sdk()
  const asked = { Bucket: bucket, Prefix: folderKey(bound, folder), Delimiter: delimiter }
  let token: string | undefined
  do {
    const page = await (await client()).send(new ListObjectsV2Command({ ...asked, ContinuationToken: token }))
    for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
      const name = nameOf(bound, Key)
      // What others have put there under names that are none here is not seen.
      if (isName(name)) yield { name, size: Size, modified: LastModified.toISOString() }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

async function list (bound: Bucket, folder: string): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of walk(bound, folder, '/')) names.push(name)
  return names
}

type Source = AsyncIterable<Uint8Array | string>

async function write (bound: Bucket, name: string, source: Source, signal?: AbortSignal): Promise<number> {
  signal?.throwIfAborted()
  const Key = keyOf(bound, name)
  const { Upload } = await importOptional(async () => await import('@aws-sdk/lib-storage'), S3)
  let size = 0
  const counted = async function * (): AsyncGenerator<Uint8Array> {
    for await (const chunk of signal === undefined ? source : interruptible(source, signal)) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      size += bytes.length
      yield bytes
    }
  }
  const upload = new Upload({
    client: await bound.client(),
    params: { Bucket: bound.bucket, Key, Body: Readable.from(counted(), { highWaterMark: CHUNKS_AHEAD }) },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE
  })
  try {
    await upload.done()
    return size
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

async function * read (bound: Bucket, name: string): AsyncIterable<Uint8Array> {
  const { GetObjectCommand } = await bound.sdk()
  const command = new GetObjectCommand({ Bucket: bound.bucket, Key: keyOf(bound, name) })
  const { Body } = await (await bound.client()).send(command).catch(toAbsent(name))
  yield * Body as Readable
}

async function stat (bound: Bucket, name: string): Promise<StoredFile | undefined> {
  const { HeadObjectCommand } = await bound.sdk()
  const command = new HeadObjectCommand({ Bucket: bound.bucket, Key: keyOf(bound, name) })
  try {
    const { ContentLength = 0, LastModified = new Date(0) } = await (await bound.client()).send(command)
    return { name, size: ContentLength, modified: LastModified.toISOString() }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

async function remove (bound: Bucket, name: string): Promise<void> {
  const { DeleteObjectCommand } = await bound.sdk()
  await (await bound.client()).send(new DeleteObjectCommand({ Bucket: bound.bucket, Key: keyOf(bound, name) }))
}

async function link (bound: Bucket, name: string, seconds: number, headers: LinkHeaders): Promise<string> {
  const { GetObjectCommand } = await bound.sdk()
  const { getSignedUrl } = await importOptional(async () => await import('@aws-sdk/s3-request-presigner'), S3)
  const command = new GetObjectCommand({
    Bucket: bound.bucket,
    Key: keyOf(bound, name),
    ResponseContentDisposition: headers.disposition,
    ResponseContentType: headers.type
  })
  return await getSignedUrl(await bound.client(), command, { expiresIn: seconds })
}

/** `s3://BUCKET/PREFIX`; the prefix obeys the rules of names. */
function readAddress (url: string): { bucket: string, prefix: string[] } {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(url) ?? []
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket) || (path !== '' && !isName(path))) {
    throw errors.invalidConfig([`the store ${JSON.stringify(url)} is not s3://BUCKET/PREFIX`])
  }
  return { bucket, prefix: path === '' ? [] : path.split('/') }
}

const isAbsent = (error: unknown): boolean => ['NoSuchKey', 'NotFound'].includes((error as Error).name)

/** Said as a folder says it. */
const toAbsent = (name: string) => (error: unknown): never => {
  if (!isAbsent(error)) throw error
  const absent = new Error(`ENOENT: there is no file ${JSON.stringify(name)} in the store`, { cause: error })
  throw Object.assign(absent, { code: 'ENOENT' })
}

function once<T> (load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => (loaded ??= load())
}
