import t from 'tap'
import { isPublic } from '../../../src/sdk/inputs/addresses.ts'

t.test('public addresses are those that lead to somebody else, in every spelling', async (t) => {
  for (const address of ['8.8.8.8', '1.1.1.1', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450:4001:80b::200e']) t.ok(isPublic(address), address)
  const others = [
    '127.0.0.1', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.16.0.1', '192.0.0.1', '192.168.0.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '0.0.0.0',
    '::', '::1', '::2', '::127.0.0.1', '::7f00:1', '::8.8.8.8', '::ffff:127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b:1::127.0.0.1', '2002:7f00:1::', '2001:0:1::',
    '2606:4700::5efe:127.0.0.1', '2606:4700::200:5efe:10.0.0.1', 'fe80::1', 'fe80::5efe:127.0.0.1', 'fc00::1', 'fd00::1', 'fec0::1', 'ff02::1', '100::1', '200::1', '1::1', '3fff::1', '4000::1', '5f00::1', '2001:db8::1', 'example.org', ''
  ]
  for (const address of others) t.notOk(isPublic(address), address)
})
