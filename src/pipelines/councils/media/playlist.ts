import { errors } from '../../../base/errors.ts'

/** A line of a playlist that names a resource, and how to write it again with another name. */
export type PlaylistLine = { uri: string, rename: (name: string) => string } | { text: string }

export type Playlist =
  | { kind: 'master', video: string, audio: string | undefined }
  | { kind: 'media', lines: PlaylistLine[] }

const MAX_LINES = 200_000

/**
 * An HLS playlist: of a master the variant with the highest bandwidth and the audio that belongs to it, of any other its
 * lines.
 *
 * @throws INPUT_REFUSED for what is no playlist, a live one, and encryption by which single samples are encrypted
 */
export function readPlaylist (text: string, field: string): Playlist {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '')
  if (lines[0] !== '#EXTM3U') throw errors.inputRefused(field, 'ends in .m3u8 and is no playlist')
  if (lines.length > MAX_LINES) throw errors.inputRefused(field, `is a playlist of more than ${MAX_LINES} lines`)
  if (lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'))) return readMaster(lines, field)
  if (!lines.includes('#EXT-X-ENDLIST')) throw errors.inputRefused(field, 'is the playlist of a live stream, which has no end yet')
  if (lines.some((line) => /^#EXT-X-(SESSION-)?KEY:.*METHOD=SAMPLE-AES/.test(line))) throw errors.inputRefused(field, 'is a protected stream (SAMPLE-AES)')
  return { kind: 'media', lines: lines.map(readLine) }
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

function readLine (line: string): PlaylistLine {
  if (!line.startsWith('#')) return { uri: line, rename: (name) => name }
  const uri = /^#EXT-X-(?:KEY|MAP):/.test(line) ? readAttributes(line).get('URI') : undefined
  return uri === undefined ? { text: line } : { uri, rename: (name) => line.replace(`"${uri}"`, `"${name}"`) }
}

const readAttributes = (line: string): Map<string, string> =>
  new Map([...line.slice(line.indexOf(':') + 1).matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,"]*))/g)].map(([, name, quoted, plain]) => [name!, quoted ?? plain ?? '']))
