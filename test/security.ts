import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { HOME } from './fixtures/places.ts'

const page = readFileSync(join(HOME, 'docs', 'security.md'), 'utf8')
const compose = readFileSync(join(HOME, 'compose.yaml'), 'utf8')

/** The rows of all tables whose last column is that of the tests: what is said, and the files that hold it. */
function rowsOf (text: string): Array<{ said: string, files: string[] }> {
  return text.split(/^\| what holds \| test \|$/m).slice(1).flatMap((table) => {
    const [, , ...lines] = table.split('\n')
    const end = lines.findIndex((line) => !line.startsWith('|'))
    return lines.slice(0, end === -1 ? undefined : end).map((line) => {
      const cells = line.split(/(?<!\\)\|/).slice(1, -1)
      const files = [...(cells[1] ?? '').matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) => file)
      return { said: (cells[0] ?? '').trim(), files }
    })
  })
}

t.test('every sentence of docs/security.md names the test that holds it, and each of these is there', async (t) => {
  const rows = rowsOf(page)
  t.ok(rows.length > 40, `${rows.length} rows`)
  t.same(rows.filter(({ said, files }) => said === '' || files.length === 0).map(({ said }) => said), [], 'rows without a test')
  const missing = rows.flatMap(({ files }) => files).filter((file) => !file.startsWith('../test/') || !existsSync(resolve(HOME, 'docs', file)))
  t.same(missing, [], 'tests that are not there')
  t.equal(new Set(rows.map(({ said }) => said)).size, rows.length, 'nothing is said twice')
})

t.test('assets, borders and attackers are named', async (t) => {
  for (const heading of ['Assets', 'Borders', 'Attackers', 'What does not hold']) t.match(page, new RegExp(`^## ${heading}$`, 'm'))
})

t.test('what compose starts can change nothing of its image, and Redis is reached by the roles alone, with a password', async (t) => {
  const [, hardened = ''] = compose.split('x-hardened: &hardened')
  for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true']) t.match(hardened.split('x-signalbox')[0], line)
  const services = compose.slice(compose.indexOf('\nservices:'), compose.indexOf('\nnetworks:')).split(/^ {2}(?=\w+:$)/m).slice(1)
  t.same(services.map((service) => service.split(':')[0]), ['redis', 'prepare', 'api', 'worker', 'results'])
  for (const service of services) t.match(service, /<<: \*(hardened|signalbox)/)
  const [redis = ''] = services
  t.match(redis, 'networks: [datastore]')
  t.notMatch(redis, 'ports:')
  t.match(redis, 'requirepass')
  t.match(compose, /datastore:\n {4}internal: true/)
  t.match(compose, /SIGNALBOX_TOKEN: \$\{SIGNALBOX_TOKEN:\?/, 'it does not start without a key')
  t.match(compose, /REDIS_PASSWORD:\?/)
})

t.test('the one container of Demokratis can change nothing of its image, either', async (t) => {
  const [, common = ''] = readFileSync(join(HOME, 'compose.demokratis.yaml'), 'utf8').split('x-signalbox: &signalbox')
  for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true']) t.match(common.split('services:')[0], line)
})

t.test('the image runs as a user without rights', async (t) => {
  const image = readFileSync(join(HOME, 'Dockerfile'), 'utf8').split('\n')
  const user = image.findLastIndex((line) => line.startsWith('USER '))
  t.equal(image[user], 'USER node')
  t.ok(user < image.findIndex((line) => line.startsWith('ENTRYPOINT')))
  t.notOk(image.slice(user).some((line) => line.startsWith('RUN ')))
})
