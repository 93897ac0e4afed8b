import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { errors } from '../../base/errors.ts'
import { importOptional } from '../../base/optional.ts'
import type { OpenStore, StoredFile } from './store.ts'
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

/** Named where its packages are not installed. */
const S3 = 'a store in S3'
/** There are 10,000 parts at most, so a file may have 80 GB. Small ones are soon through when the work is to stop. */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
/** Chunks that are fetched from the source while a part is on its way. */
const CHUNKS_AHEAD = 16
const MAX_KEY_BYTES = 1024

/**
 * A store in a bucket of S3, or of what understands the same requests. A file appears only when its upload is complete, and
 * an upload that fails or is aborted leaves no part behind.
 */
export function createS3Store ({ url, endpoint, region = 'us-east-1', access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken, ca }: S3Settings): OpenStore {
  const { bucket: Bucket, prefix } = readAddress(url)
  const credentials = !accessKeyId || !secretAccessKey ? {} : { credentials: { accessKeyId, secretAccessKey, ...sessionToken ? { sessionToken } : {} } }
  // Half a second and 20 MB to load: only for who has such a store.
  const sdk = once(async () => await importOptional(async () => await import('@aws-sdk/client-s3'), S3))
  let opened: Promise<S3Client> | undefined
  let closed = false

  const client = async (): Promise<S3Client> => {
    const { S3Client } = await sdk()
    if (closed) throw new Error('the store is closed')
    return await (opened ??= Promise.resolve(new S3Client({
      region,
      ...credentials,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      // Other services than AWS may not know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 10_000, requestTimeout: 300_000, ...ca === undefined ? {} : { httpsAgent: { ca } } }
    })))
  }

  const keyOf = (name: string): string => {
    const key = [...prefix, ...segments(name)].join('/')
    if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw errors.final(`${JSON.stringify(name)} is too long for a name in the store`)
    return key
  }
  const folderKey = (folder: string): string => [...prefix, ...(folder === '' ? [] : segments(folder)), ''].join('/')
  const nameOf = (key: string): string => key.slice(prefix.map((part) => `${part}/`).join('').length)

  async function * pages (folder: string, delimiter?: string): AsyncGenerator<StoredFile> {
    const { ListObjectsV2Command } = await sdk()
    let token: string | undefined
    do {
      const page = await (await client()).send(new ListObjectsV2Command({ Bucket, Prefix: folderKey(folder), ContinuationToken: token, Delimiter: delimiter }))
      // What others have put there under names that are none here is not seen.
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) if (isName(nameOf(Key))) yield { name: nameOf(Key), size: Size, modified: (LastModified ?? new Date(0)).toISOString() }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async function write (name: string, source: AsyncIterable<Uint8Array | string>, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    const Key = keyOf(name)
    const { Upload } = await importOptional(async () => await import('@aws-sdk/lib-storage'), S3)
    let size = 0
    const counted = async function * (): AsyncGenerator<Uint8Array> {
      for await (const chunk of signal === undefined ? source : interruptible(source, signal)) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
        size += bytes.length
        yield bytes
      }
    }
    const upload = new Upload({ client: await client(), params: { Bucket, Key, Body: Readable.from(counted(), { highWaterMark: CHUNKS_AHEAD }) }, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE })
    try {
      await upload.done()
      return size
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  async function * read (name: string): AsyncIterable<Uint8Array> {
    const { GetObjectCommand } = await sdk()
    const { Body } = await (await client()).send(new GetObjectCommand({ Bucket, Key: keyOf(name) })).catch(toAbsent(name))
    yield * Body as Readable
  }

  return {
    write,
    read,
    walk: (folder) => pages(folder),
    list: async (folder) => {
      const names: string[] = []
      for await (const { name } of pages(folder, '/')) names.push(name)
      return names
    },
    stat: async (name) => {
      const { HeadObjectCommand } = await sdk()
      try {
        const { ContentLength = 0, LastModified = new Date(0) } = await (await client()).send(new HeadObjectCommand({ Bucket, Key: keyOf(name) }))
        return { name, size: ContentLength, modified: LastModified.toISOString() }
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    },
    remove: async (name) => {
      const { DeleteObjectCommand } = await sdk()
      await (await client()).send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) }))
    },
    url: (name) => `s3://${Bucket}/${keyOf(name)}`,
    link: async (name, seconds, headers) => {
      const signing = importOptional(async () => await import('@aws-sdk/s3-request-presigner'), S3)
      const [{ GetObjectCommand }, { getSignedUrl }] = await Promise.all([sdk(), signing])
      const command = new GetObjectCommand({ Bucket, Key: keyOf(name), ResponseContentDisposition: headers.disposition, ResponseContentType: headers.type })
      return await getSignedUrl(await client(), command, { expiresIn: seconds })
    },
    close: () => {
      closed = true
      void opened?.then((one) => { one.destroy() })
    }
  }
}

/** `s3://BUCKET/PREFIX`; the prefix obeys the rules of names. */
function readAddress (url: string): { bucket: string, prefix: string[] } {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(url) ?? []
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket) || (path !== '' && !isName(path))) throw errors.invalidConfig([`the store ${JSON.stringify(url)} is not s3://BUCKET/PREFIX`])
  return { bucket, prefix: path === '' ? [] : path.split('/') }
}

const isAbsent = (error: unknown): boolean => ['NoSuchKey', 'NotFound'].includes((error as Error).name)

/** Said as a folder says it. */
const toAbsent = (name: string) => (error: unknown): never => {
  if (!isAbsent(error)) throw error
  throw Object.assign(new Error(`ENOENT: there is no file ${JSON.stringify(name)} in the store`, { cause: error }), { code: 'ENOENT' })
}

function once<T> (load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => (loaded ??= load())
}
