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

export type LinkHeaders = { disposition: string, type: string }

/** What only we ask of a store. It has either `path` or `link`. */
export interface OpenStore extends Store {
  /** Where a file lies on this machine. */
  path?: (name: string) => Promise<string>
  /** An address from which anybody can fetch the file for so many seconds. */
  link?: (name: string, seconds: number, headers: LinkHeaders) => Promise<string>
  close: () => void
}
