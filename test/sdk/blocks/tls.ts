import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import t, { type Test } from 'tap'
import { sendMail } from '../../../src/engine/notifications/mail.ts'
import { openCoreDatabase } from '../../../src/pipelines/ensembl/core-db/connection.ts'
import { readHiveAddress } from '../../../src/runners/hive/address.ts'
import { openHive } from '../../../src/runners/hive/database.ts'
import { createS3Store } from '../../../src/sdk/store/s3.ts'
import { makeAuthority, opensslMissing } from '../../fixtures/certificates.ts'
import { openWork } from '../../../src/queues/open-work.ts'
import { missing, openBackend } from '../../fixtures/servers.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'
import { BUCKET, openFakeS3, S3_KEY } from '../store/fixtures/s3.ts'

const signal = new AbortController().signal
const UNTRUSTED = /self-signed certificate|unable to verify|unable to get (local )?issuer/

t.test('a core database and a hive are reached by TLS where their certificate is signed by the ca of the block', { skip: opensslMissing === false ? mariadbMissing : opensslMissing }, async (t) => {
  const [ours, others] = [makeAuthority(t), makeAuthority(t)]
  const database = await openMariadb({ tls: ours.sign('DNS:localhost') })
  t.teardown(() => database.close())
  await database.run('', "CREATE USER 'tls'@'127.0.0.1' IDENTIFIED BY 'tls-secret' REQUIRE SSL; CREATE DATABASE d; GRANT ALL ON d.* TO 'tls'@'127.0.0.1'")
  const server = { host: 'localhost', port: database.tcp.port, user: 'tls', password: 'tls-secret' }

  const cipher = async (more: object): Promise<string> => {
    const core = openCoreDatabase({ ...server, ...more }, { database: 'd', signal })
    try {
      return (await core.rows<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'"))[0]?.Value ?? ''
    } finally {
      await core.close()
    }
  }
  t.match(await cipher({ tls: true, ca: ours.ca }), /^TLS_|^[A-Z]+-/, 'the server says which cipher is in use')
  await t.rejects(cipher({ tls: true, ca: others.ca }), UNTRUSTED, 'another authority')
  await t.rejects(cipher({ tls: true }), UNTRUSTED, 'only those that the system knows')
  await t.rejects(cipher({}), /Access denied/, 'this user asks for TLS')

  const asked = async (query: string): Promise<unknown> => {
    const hive = openHive(readHiveAddress(`mysql://tls:tls-secret@localhost:${server.port}/d${query}`))
    try {
      return await hive.use(async ({ rows }) => (await rows("SHOW STATUS LIKE 'Ssl_cipher'", []))[0]?.['Value'])
    } finally {
      await hive.close()
    }
  }
  t.match(await asked(`?ssl_ca=${ours.caFile}`), /^TLS_|^[A-Z]+-/)
  await t.rejects(asked(`?ssl_ca=${others.caFile}`), UNTRUSTED)
  await t.rejects(asked('?ssl_mode=VERIFY_IDENTITY'), UNTRUSTED)
})

for (const [name, host, others] of [['DNS:localhost', 'localhost', ['127.0.0.1']], ['IP:127.0.0.1', '127.0.0.1', ['localhost']], ['DNS:elsewhere.example', undefined, ['localhost', '127.0.0.1']]] as const) {
  t.test(`a certificate of ${name} is good for that alone, whoever has signed it`, { skip: opensslMissing === false ? mariadbMissing : opensslMissing }, async (t) => {
    const ours = makeAuthority(t)
    const database = await openMariadb({ tls: ours.sign(name) })
    t.teardown(() => database.close())
    const { port, user, password } = database.tcp
    const askCore = async (host: string): Promise<unknown> => {
      const core = openCoreDatabase({ host, port, user, password, tls: true, ca: ours.ca }, { database: '', signal })
      return await core.rows('SELECT 1 AS one').finally(() => core.close())
    }
    const askHive = async (host: string): Promise<unknown> => {
      const hive = openHive(readHiveAddress(`mysql://${user}:${password}@${host}:${port}/mysql?ssl_ca=${ours.caFile}`))
      return await hive.use(({ rows }) => rows('SELECT 1 AS one', [])).finally(() => hive.close())
    }
    if (host !== undefined) t.same([await askCore(host), await askHive(host)], [[{ one: 1 }], [{ one: 1 }]])
    for (const other of others) {
      await t.rejects(askCore(other), /does not match certificate|altnames|not in the cert's list/, `core database at ${other}`)
      await t.rejects(askHive(other), /does not match certificate|altnames|not in the cert's list/, `hive at ${other}`)
    }
  })
}

t.test('a store in S3 is reached by https where its certificate is signed by the ca of the block', { skip: opensslMissing }, async (t) => {
  const [ours, others] = [makeAuthority(t), makeAuthority(t)]
  const s3 = await openFakeS3({ tls: ours.sign('IP:127.0.0.1') })
  t.teardown(() => s3.close())
  const open = (ca: string | undefined) => createS3Store({ url: `s3://${BUCKET}`, endpoint: s3.endpoint, ca, ...S3_KEY })
  const store = open(ours.ca)
  await store.write('a.txt', Readable.from(['by https']))
  t.equal(await text(store.read('a.txt')), 'by https')
  await store.close()
  for (const ca of [others.ca, undefined]) {
    const other = open(ca)
    await t.rejects(other.write('b.txt', Readable.from(['x'])), UNTRUSTED)
    await other.close()
  }
  t.same([...s3.objects.keys()], ['a.txt'])
})

t.test('a mail goes by STARTTLS to who shows a certificate of the ca, and to nobody in clear where that is required', { skip: opensslMissing }, async (t) => {
  const [ours, others] = [makeAuthority(t), makeAuthority(t)]
  const { cert, key } = ours.sign('IP:127.0.0.1')
  const [modern, old, whole] = [await openMail(t, { cert, key }), await openMail(t, { disabledCommands: ['STARTTLS', 'AUTH'] }), await openMail(t, { cert, key, secure: true })]
  const mail = { id: 'one', to: ['a@b.example'], subject: 's', text: 't' }
  const send = async (port: number, more: object) => await sendMail({ host: '127.0.0.1', port, secure: false, require_tls: true, from: 'x@y.example', ...more }, mail, 20_000)
  t.same(await send(modern.port, { ca: ours.ca }), [])
  await t.rejects(send(modern.port, { ca: others.ca }), UNTRUSTED)
  await t.rejects(send(modern.port, {}), UNTRUSTED)
  await t.rejects(send(old.port, { ca: ours.ca }), /STARTTLS/i, 'one that offers no STARTTLS is told nothing')
  t.same(await send(old.port, { require_tls: false }), [], 'unless that was not asked for')
  t.same(await send(whole.port, { secure: true, ca: ours.ca }), [])
  t.same([modern.secure, old.secure, whole.secure], [[true], [false], [true]])
})

t.test('PostgreSQL as the datastore is reached by TLS where the address names who has signed its certificate', { skip: opensslMissing === false ? missing('postgres') : opensslMissing }, async (t) => {
  const [ours, others] = [makeAuthority(t), makeAuthority(t)]
  const backend = await openBackend('postgres', { tls: ours.sign('IP:127.0.0.1') })
  t.teardown(() => backend.close())
  const ping = async (query: string): Promise<void> => {
    const { work } = await openWork({ backend: `${backend.url}${query}`, prefix: '{signalbox}', connections: 1, timeoutMs: 20_000, onError: () => {} })
    await work.migrate().finally(() => work.close())
  }
  await ping(`?sslmode=verify-full&sslrootcert=${ours.caFile}`)
  await t.rejects(ping(`?sslmode=verify-full&sslrootcert=${others.caFile}`))
  await t.rejects(ping('?sslmode=verify-full'), 'only those that the system knows')
})

/** A mail server; `secure` says of each mail that it took whether it came encrypted. */
async function openMail (t: Test, options: SMTPServerOptions): Promise<{ port: number, secure: boolean[] }> {
  const secure: boolean[] = []
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    ...options,
    onData: (stream, session, done) => {
      secure.push(session.secure)
      stream.resume().on('end', () => { done() })
    }
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => new Promise<void>((resolve) => { server.close(resolve) }))
  return { port: (server.server.address() as AddressInfo).port, secure }
}
