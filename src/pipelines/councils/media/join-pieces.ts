import { createDecipheriv } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errors } from '../../../base/errors.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { copyFile } from './copy-file.ts'
import { kindOfPiece, type PieceKind } from './piece-kind.ts'
import type { ByteRange, Piece } from './playlist.ts'

export type Join = {
  field: string
  inputs: Inputs
  folder: string
  signal: AbortSignal
  /** An address of the playlist as the address that is fetched. @throws INPUT_REFUSED where it may not be */
  resolve: (uri: string) => string
  /** Bytes that may still be fetched; less after each piece. */
  budget: { left: number }
  progress: (bytes: number) => void
}

type Resource = { uri: string, path: string }
type State = Join & {
  path: string
  stem: string
  fetched: number
  keys: Map<string, Uint8Array>
  resource: Resource | undefined
  kind: PieceKind | undefined
}

const HEAD_BYTES = 256
const KEY_BYTES = 16

/**
 * Fetches the pieces of a stream one after the other, decrypts them, and puts them into one file, whose path it
 * answers. What is no media by its first bytes is refused: no program is given a piece, or a playlist of pieces, to
 * find out.
 */
export async function joinPieces (pieces: Piece[], stem: string, given: Join): Promise<string> {
  const state: State = {
    ...given,
    stem,
    path: join(given.folder, `${stem}.joined`),
    fetched: 0,
    keys: new Map(),
    resource: undefined,
    kind: undefined
  }
  let map: Piece['map']
  for (const piece of pieces) {
    state.signal.throwIfAborted()
    if (piece.map !== undefined && JSON.stringify(piece.map) !== JSON.stringify(map)) {
      await append(state, { ...piece.map, key: undefined })
    }
    map = piece.map
    await append(state, piece)
  }
  await letGo(state)
  return state.path
}

async function append (state: State, { uri, range, key }: Pick<Piece, 'uri' | 'range' | 'key'>): Promise<void> {
  const { path } = await fetchResource(state, state.resolve(uri), range !== undefined)
  const file = key === undefined ? path : await decrypt(state, path, range, key)
  await refuseOtherThanMedia(state, file, key === undefined ? range : undefined)
  await pipeline(
    createReadStream(file, key === undefined ? spanOf(range) : {}),
    async function (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) await appendFile(state.path, chunk)
    },
    { signal: state.signal }
  )
  if (file !== path) await rm(file)
}

/** One resource at a time is kept: the pieces of one file, told by their ranges, follow each other. */
async function fetchResource (state: State, uri: string, isShared: boolean): Promise<Resource> {
  if (isShared && state.resource?.uri === uri) return state.resource
  await letGo(state)
  const { field, inputs, folder, stem, budget, signal, progress } = state
  const path = join(folder, `${stem}-piece`)
  const before = state.fetched
  const bytes = await copyFile(await inputs.open(uri, { field, signal }), path, {
    maxBytes: budget.left,
    field,
    signal,
    progress: (more) => {
      progress(before + more)
    }
  })
  budget.left -= bytes
  state.fetched += bytes
  state.resource = { uri, path }
  return state.resource
}

async function letGo (state: State): Promise<void> {
  if (state.resource !== undefined) await rm(state.resource.path, { force: true })
  state.resource = undefined
}

async function decrypt (
  state: State,
  path: string,
  range: ByteRange | undefined,
  { uri, iv }: NonNullable<Piece['key']>
): Promise<string> {
  const key = await fetchKey(state, state.resolve(uri))
  const file = `${path}-plain`
  const decipher = createDecipheriv('aes-128-cbc', key, iv)
  try {
    await copyFile(createReadStream(path, spanOf(range)).pipe(decipher), file, {
      maxBytes: Number.MAX_SAFE_INTEGER,
      field: state.field,
      signal: state.signal
    })
  } catch (error) {
    state.signal.throwIfAborted()
    throw errors.inputRefused(
      state.field,
      `is a stream with a piece that its key does not open: ${(error as Error).message}`
    )
  }
  return file
}

async function fetchKey ({ keys, inputs, field, signal }: State, uri: string): Promise<Uint8Array> {
  const known = keys.get(uri)
  if (known !== undefined) return known
  let key = Buffer.alloc(0)
  for await (const chunk of await inputs.open(uri, { field, signal })) {
    key = Buffer.concat([key, chunk])
    if (key.length > KEY_BYTES) break
  }
  if (key.length !== KEY_BYTES) {
    throw errors.inputRefused(field, `is a stream whose key has other than ${KEY_BYTES} bytes`)
  }
  keys.set(uri, key)
  return key
}

async function refuseOtherThanMedia (state: State, file: string, range: ByteRange | undefined): Promise<void> {
  const handle = await open(file)
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, range?.length ?? HEAD_BYTES))
    const { bytesRead } = await handle.read(head, 0, head.length, range?.offset ?? 0)
    const kind = kindOfPiece(head.subarray(0, bytesRead))
    if (kind === undefined) throw errors.inputRefused(state.field, 'is a stream with a piece that is no media')
    state.kind ??= kind
    if (kind !== state.kind) {
      throw errors.inputRefused(state.field, `is a stream with pieces of two kinds (${state.kind} and ${kind})`)
    }
  } finally {
    await handle.close()
  }
}

const spanOf = (range: ByteRange | undefined): { start?: number, end?: number } =>
  range === undefined ? {} : { start: range.offset, end: range.offset + range.length - 1 }
