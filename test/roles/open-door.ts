import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/roles/config.ts'
import { refuseOpenDoor } from '../../src/roles/open-door.ts'
import { HOME } from '../fixtures/places.ts'

const door = (env: Record<string, string>) => () => { refuseOpenDoor(loadConfig({ file: join(HOME, 'config', 'default.json'), env })) }

t.test('without a key nobody but this machine is let in', async (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) t.doesNotThrow(door({ HOST: host }), host)
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'signalbox.example', 'localhost.evil.example']) {
    t.throws(door({ HOST: host }), { code: 'INVALID_CONFIG', message: /is open to whoever reaches it: set SIGNALBOX_TOKEN/ }, host)
  }
})

t.test('a token, a list of keys or a word of the operator opens it', async (t) => {
  t.doesNotThrow(door({ HOST: '0.0.0.0', SIGNALBOX_TOKEN: 'a-token-of-many-letters' }))
  t.doesNotThrow(door({ HOST: '0.0.0.0', SIGNALBOX_KEYS: '[]' }))
  t.doesNotThrow(door({ HOST: '0.0.0.0', SIGNALBOX_INSECURE: 'true' }))
})
