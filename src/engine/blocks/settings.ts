import { Type } from 'typebox'
import { group, setting } from '../../base/setting.ts'

export const blockSettings = group({
  commands: setting(Type.String(), {
    env: 'SIGNALBOX_BLOCK_COMMANDS',
    description:
      'Programs that a block written over HTTP may name, with their first arguments, comma-separated: ' +
      '`/usr/local/bin/yt-dlp`; none where it is empty'
  }),
  folders: setting(Type.String(), {
    env: 'SIGNALBOX_BLOCK_FOLDERS',
    description:
      'Folders in which the stores and sockets of such blocks may lie, separated as in `PATH`; none where it is empty'
  }),
  hosts: setting(Type.String(), {
    env: 'SIGNALBOX_BLOCK_HOSTS',
    description:
      'Hosts that such blocks may name, comma-separated, `*.example.org` for those below one. Where it is empty, ' +
      'a new block names any, and one that is there keeps its own'
  })
})
