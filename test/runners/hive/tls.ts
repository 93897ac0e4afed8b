import t from 'tap'
import { readHiveAddress } from '../../../src/runners/hive/address.ts'
import { openHive } from '../../../src/runners/hive/database.ts'
import { makeAuthority, opensslMissing } from '../../fixtures/certificates.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'

t.test('a hive is reached over TLS, and no other than the one that is meant', { skip: mariadbMissing === false ? opensslMissing : mariadbMissing, timeout: 120_000 }, async (t) => {
  const own = makeAuthority(t)
  const other = makeAuthority(t)
  const mariadb = await openMariadb({ tls: own.sign('DNS:localhost') })
  t.teardown(async () => { await mariadb.close() })
  await mariadb.run('', "CREATE DATABASE hive; CREATE USER 'tls'@'127.0.0.1' IDENTIFIED BY 'tls-secret' REQUIRE SSL; GRANT SELECT ON hive.* TO 'tls'@'127.0.0.1'")

  async function cipher (host: string, query: string): Promise<string> {
    const database = openHive(readHiveAddress(`mysql://tls:tls-secret@${host}:${mariadb.tcp.port}/hive${query}`))
    try {
      const [row] = await database.use(async ({ rows }) => await rows("SHOW STATUS LIKE 'Ssl_cipher'", []))
      return String(row?.['Value'])
    } finally {
      await database.close()
    }
  }

  const ca = `ssl_ca=${encodeURIComponent(own.caFile)}`
  t.match(await cipher('localhost', `?${ca}`), /^TLS_/)
  t.match(await cipher('127.0.0.1', `?${ca}&ssl_mode=VERIFY_CA`), /^TLS_/, 'the name is not looked at')
  t.match(await cipher('127.0.0.1', '?ssl_mode=REQUIRED'), /^TLS_/, 'nothing is looked at')
  for (const [host, query, words] of [
    ['127.0.0.1', `?${ca}`, /does not match certificate's altnames/],
    ['localhost', `?ssl_ca=${encodeURIComponent(other.caFile)}`, /unable to verify/],
    ['localhost', '?ssl=true', /unable to verify/],
    ['localhost', '', /Access denied/]
  ] as const) {
    const error = await cipher(host, query).then(() => undefined, (error: unknown) => error)
    t.match(String(error), words)
    t.notMatch(String(error), /tls-secret/)
  }
})
