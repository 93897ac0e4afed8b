/**
 * The containers that ffmpeg and ffprobe may take a file for: those that hold their media themselves. Playlists,
 * manifests, lists of files and descriptions of devices (hls, dash, concat, image2, sdp, lavfi) name other files, and
 * are never here.
 */
const CONTAINERS = [
  'mov',
  'matroska',
  'mpegts',
  'mpeg',
  'avi',
  'asf',
  'flv',
  'ogg',
  'wav',
  'mp3',
  'aac',
  'ac3',
  'flac',
  'aiff',
  'amr',
  'mxf',
  'gxf',
  'rm',
  'wtv'
]

/**
 * The options by which a program of ffmpeg opens a local file: by `file:`, as one of the
 * containers, with no other protocol.
 */
export const readingOptions = (path: string): string[] => [...READING, '-i', `file:${path}`]

const READING = ['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS.join(',')]
