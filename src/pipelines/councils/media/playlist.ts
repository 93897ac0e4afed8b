import { errors } from '../../../base/errors.ts'

export type ByteRange = { offset: number, length: number }
/** How a piece is encrypted: AES-128 in CBC mode, with an IV of its own or the number of the piece. */
export type PieceKey = { uri: string, iv: Uint8Array }
/** A piece of a stream, and what must stand before it. */
export type Piece = {
  uri: string
  range: ByteRange | undefined
  key: PieceKey | undefined
  map: { uri: string, range: ByteRange | undefined } | undefined
}

export type Playlist =
  | { kind: 'master', video: string, audio: string | undefined }
  | { kind: 'media', pieces: Piece[] }

const MAX_LINES = 200_000

/**
 * An HLS playlist: of a master the variant with the highest bandwidth and the audio that belongs to it, of any other
 * its pieces. Nothing of its text is handed on: whoever reads the stream goes by the values that are answered here.
 *
 * @throws INPUT_REFUSED for what is no playlist, a live one, and encryption by which single samples are encrypted
 */
export function readPlaylist (text: string, field: string): Playlist {
  const lines = linesOf(text, field)
  if (lines[0] !== '#EXTM3U') throw errors.inputRefused(field, 'ends in .m3u8 and is no playlist')
  if (lines.length > MAX_LINES) throw errors.inputRefused(field, `is a playlist of more than ${MAX_LINES} lines`)
  if (lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'))) return readMaster(lines, field)
  if (!lines.includes('#EXT-X-ENDLIST')) {
    throw errors.inputRefused(field, 'is the playlist of a live stream, which has no end yet')
  }
  return { kind: 'media', pieces: readPieces(lines, field) }
}

/**
 * Other readers end a line at a lone CR or at a NUL: a text that has them says one thing to us and
 * another thing to them.
 */
function linesOf (text: string, field: string): string[] {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (/\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)) {
    throw errors.inputRefused(field, 'is a playlist with control characters in it')
  }
  return text.replace(/^\ufeff/, '').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '')
}

function readMaster (lines: string[], field: string): Playlist {
  const variants = lines.flatMap((line, i) => {
    const uri = lines.slice(i + 1).find((one) => !one.startsWith('#'))
    return line.startsWith('#EXT-X-STREAM-INF:') && uri !== undefined ? [{ uri, attributes: readAttributes(line) }] : []
  })
  const bandwidth = ({ attributes }: typeof variants[number]): number => Number(attributes.get('BANDWIDTH') ?? 0)
  const [best] = variants.sort((one, other) => bandwidth(other) - bandwidth(one))
  if (best === undefined) throw errors.inputRefused(field, 'is a playlist without a stream')
  const group = best.attributes.get('AUDIO')
  const audios = lines.filter((line) => line.startsWith('#EXT-X-MEDIA:')).map(readAttributes)
    .filter((one) => one.get('TYPE') === 'AUDIO' && one.get('GROUP-ID') === group && one.has('URI'))
  const audio = group === undefined ? undefined : audios.find((one) => one.get('DEFAULT') === 'YES') ?? audios[0]
  return { kind: 'master', video: best.uri, audio: audio?.get('URI') }
}

type Reading = {
  sequence: number
  range: { length: number, offset: number | undefined } | undefined
  /** Where the range before this one ended, of the same resource. */
  before: { uri: string, end: number } | undefined
  key: { uri: string, iv: Uint8Array | undefined } | undefined
  map: Piece['map']
}

/** Tags that say nothing of where pieces are and how they are read are passed over. */
function readPieces (lines: string[], field: string): Piece[] {
  const reading: Reading = { sequence: 0, range: undefined, before: undefined, key: undefined, map: undefined }
  const pieces: Piece[] = []
  for (const line of lines) {
    if (!line.startsWith('#')) pieces.push(nextPiece(line, reading))
    else readTag(line, reading, field)
  }
  if (pieces.length === 0) throw errors.inputRefused(field, 'is a playlist without a piece')
  return pieces
}

function nextPiece (uri: string, reading: Reading): Piece {
  const { range, before, key, map } = reading
  const offset = range?.offset ?? (before?.uri === uri ? before.end : 0)
  const piece: Piece = {
    uri,
    range: range === undefined ? undefined : { offset, length: range.length },
    key: key === undefined ? undefined : { uri: key.uri, iv: key.iv ?? ivOf(reading.sequence) },
    map
  }
  reading.before = range === undefined ? undefined : { uri, end: offset + range.length }
  reading.range = undefined
  reading.sequence++
  return piece
}

function readTag (line: string, reading: Reading, field: string): void {
  const [name, value = ''] = [/^[^:]*/.exec(line)?.[0] ?? line, line.slice(line.indexOf(':') + 1)]
  if (name === '#EXT-X-MEDIA-SEQUENCE') reading.sequence = Number(/^\d{1,15}$/.exec(value)?.[0] ?? 0)
  else if (name === '#EXT-X-BYTERANGE') reading.range = readRange(value, field)
  else if (name === '#EXT-X-KEY') reading.key = readKey(line, field)
  else if (name === '#EXT-X-MAP') reading.map = readMap(line, field)
}

function readMap (line: string, field: string): Piece['map'] {
  const attributes = readAttributes(line)
  const uri = attributes.get('URI')
  if (uri === undefined) throw errors.inputRefused(field, 'is a playlist whose EXT-X-MAP has no URI')
  const written = attributes.get('BYTERANGE')
  const range = written === undefined ? undefined : readRange(written, field)
  return { uri, range: range === undefined ? undefined : { offset: range.offset ?? 0, length: range.length } }
}

function readKey (line: string, field: string): Reading['key'] {
  const attributes = readAttributes(line)
  const [method, uri, iv, format = 'identity'] = ['METHOD', 'URI', 'IV', 'KEYFORMAT'].map((name) =>
    attributes.get(name)
  )
  if (method === 'NONE') return undefined
  if (method !== 'AES-128' || format !== 'identity') {
    throw errors.inputRefused(field, `is a protected stream (${method ?? 'EXT-X-KEY without METHOD'})`)
  }
  if (uri === undefined) throw errors.inputRefused(field, 'is a playlist whose EXT-X-KEY has no URI')
  const digits = /^0x([0-9a-f]{1,32})$/i.exec(iv ?? '')?.[1]
  if (iv !== undefined && digits === undefined) {
    throw errors.inputRefused(field, 'is a playlist whose EXT-X-KEY has no valid IV')
  }
  return { uri, iv: digits === undefined ? undefined : Buffer.from(digits.padStart(32, '0'), 'hex') }
}

function readRange (text: string, field: string): { length: number, offset: number | undefined } {
  const [, length, offset] = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(text.trim()) ?? []
  if (length === undefined) throw errors.inputRefused(field, 'is a playlist with a byte range that is none')
  return { length: Number(length), offset: offset === undefined ? undefined : Number(offset) }
}

function ivOf (sequence: number): Uint8Array {
  const iv = Buffer.alloc(16)
  iv.writeBigUInt64BE(BigInt(sequence), 8)
  return iv
}

const readAttributes = (line: string): Map<string, string> =>
  new Map(
    [...line.slice(line.indexOf(':') + 1).matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,"]*))/g)].map(
      ([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']
    )
  )
