import { Type } from 'typebox'
import { type BlockKind, reaching } from '../../../sdk/blocks/kind.ts'

const schema = Type.Object(
  {
    command: reaching(
      'command',
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Program and first arguments, such as ["/usr/local/bin/yt-dlp"]; what a call needs is put behind them'
      })
    ),
    hosts: Type.Array(Type.String({ pattern: '^[a-z0-9.-]+$' }), {
      default: ['youtube.com', 'www.youtube.com', 'm.youtube.com', 'youtu.be', 'vimeo.com', 'player.vimeo.com'],
      description: 'Whose pages it is given; anything else is fetched as a file'
    })
  },
  { additionalProperties: false }
)

export const videoDownloader: BlockKind<typeof schema> = {
  kind: 'video_downloader',
  description: 'A program with the options of yt-dlp, for videos that are no files',
  schema,
  env: { command: 'DOWNLOADER_COMMAND', hosts: 'DOWNLOADER_HOSTS' }
}
