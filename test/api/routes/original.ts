import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openAnyBackend } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'

/** A folder with `ensembl_prodinf/event_client.py` as published, and a Python that has requests. */
const CLIENT = process.env['ENSEMBL_PRODINF'] ?? ''
const PYTHON = process.env['ENSEMBL_PYTHON'] ?? 'python3'

const ECHO = { module: join(import.meta.dirname, '../../fixtures/modules/echo.mjs'), export: 'echo', thread: false }

t.test('the service as the client of the original knows it', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const { call, url } = await openService(t, {
    backend: backend.url,
    lookups: {
      events: { new_assembly: ['dump_dna', 'dump_peptide'], new_genebuild: ['dump_peptide'], seen: [] },
      processes: { dump_dna: { run: ECHO }, dump_peptide: { run: ECHO } }
    }
  })
  const submit = async (event: object) => await call('POST', '/ensembl/jobs', event)
  const event = { type: 'new_assembly', genome: 'homo_sapiens', event_id: 7 }
  const { status, body } = await submit(event)
  t.equal(status, 201)
  t.match(body, { processes: [{ process: 'dump_dna', job: String }, { process: 'dump_peptide', job: String }], event, job_id: String })
  t.equal(body.job_id, body.processes[0].job)
  const id = body.job_id as string
  await call('GET', `/jobs/dump_dna/${id}?wait=20`)

  const one = (await call('GET', `/ensembl/jobs/dump_dna/${id}?format=json`)).body
  t.match(one, { id, input: { event }, status: 'complete', when_completed: /^\d{4}-\d\d-\d\dT/ })
  t.ok(Math.abs(one.input.timestamp - Date.now() / 1000) < 3600, 'seconds')
  t.match((await call('GET', '/ensembl/jobs/dump_dna')).body, [{ id, status: 'complete' }])
  t.match((await call('GET', `/ensembl/jobs/dump_dna/${id}?format=email&email=a@b`)).body, { id, email: 'a@b', subject: String, body: String })
  t.same((await call('GET', `/ensembl/jobs/dump_dna/${id}?format=failures`)).body, {})
  t.same((await call('GET', '/ensembl/events')).body, ['new_assembly', 'new_genebuild', 'seen'])
  t.same((await call('GET', '/ensembl/processes')).body, ['dump_dna', 'dump_peptide'])
  t.match(await submit({ type: 'seen' }), { status: 201, body: { processes: [], job_id: null } })
  t.match(await submit({ type: 'nosuch' }), { status: 404, body: { error: /nosuch/ } })
  t.match(await submit({}), { status: 400, body: { error: String } })
  t.match(await call('GET', `/ensembl/jobs/nosuch/${id}`), { status: 404, body: { error: String } })
  t.match(await call('GET', `/ensembl/jobs/dump_dna/${id}?format=xml`), { status: 400, body: { error: 'Format xml not known' } })

  // As its client does: it says JSON where it sends nothing.
  const deleted = await fetch(`${url}/ensembl/jobs/dump_dna/${id}`, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
  t.equal(deleted.status, 200)
  t.same(await deleted.json(), { id, process: 'dump_dna' })
  t.match(await call('GET', `/ensembl/jobs/dump_dna/${id}`), { status: 404, body: { error: String } })
  const text = await fetch(`${url}/ensembl/jobs`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })
  t.same([text.status, await text.json()], [400, { error: 'Could not handle input of type text/plain' }])
})

t.test('with SIGNALBOX_ENSEMBL_COMPAT the root answers so, and what the original did not have is still there', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const { call } = await openService(t, {
    backend: backend.url,
    lookups: { events: { new_assembly: ['dump_dna'] }, processes: { dump_dna: { run: ECHO } } },
    env: { SIGNALBOX_ENSEMBL_COMPAT: 'true' }
  })
  const event = { type: 'new_assembly', genome: 'homo_sapiens' }
  const { status, body } = await call('POST', '/jobs', event)
  t.equal(status, 201)
  t.match(body, { processes: [{ process: 'dump_dna', job: String }], event, job_id: String })
  const id = body.job_id as string
  t.match((await call('GET', `/jobs/dump_dna/${id}`)).body, { id, input: { event } })
  t.match((await call('GET', '/jobs/dump_dna')).body, [{ id }])
  t.same((await call('GET', '/events')).body, ['new_assembly'])
  t.same((await call('GET', '/processes')).body, ['dump_dna'])
  t.match(await call('POST', '/jobs', { type: 'nosuch' }), { status: 404, body: { error: /nosuch/ } })
  t.match(await call('GET', `/events/${body.processes[0].task}`), { status: 200 })
  t.match(await call('GET', `/jobs/dump_dna/${id}/log`), { status: 200 })
})

t.test('the client itself, unmodified, at both addresses', { skip: existsSync(join(CLIENT, 'ensembl_prodinf/event_client.py')) ? false : 'no client of the original: set ENSEMBL_PRODINF to a folder that has it' }, async (t) => {
  for (const [path, env] of [['/ensembl/', {}], ['/', { SIGNALBOX_ENSEMBL_COMPAT: 'true' }]] as const) {
    t.test(path, async (t) => {
      const backend = await openAnyBackend()
      t.teardown(() => backend.close())
      const { url } = await openService(t, {
        backend: backend.url,
        lookups: {
          events: { new_assembly: ['dump_dna', 'dump_peptide'], failing: ['fails'], seen: [] },
          processes: { dump_dna: { run: ECHO }, dump_peptide: { run: ECHO }, fails: step({ params: { default: { fail: 'no luck' } } }) }
        },
        env
      })
      const event = { type: 'new_assembly', genome: 'homo_sapiens' }
      const script = join(import.meta.dirname, 'fixtures/original-client.py')
      const options = { cwd: CLIENT, env: { ...process.env, PYTHONPATH: CLIENT } }
      const run = promisify(execFile)
      const { job, failing, told } = JSON.parse((await run(PYTHON, [script, `${url}${path}`, JSON.stringify(event)], options)).stdout) as { job: string, failing: string, told: Record<string, unknown> }
      t.match(told, { 'its failures': { [failing]: String } })
      t.same({ ...told, 'its failures': null }, {
        'a submitted event has a job': true,
        'an event without processes has none': null,
        'an unknown type': 404,
        'an event without a type': 400,
        'a job as it ended': { id: job, status: 'complete' },
        'its event': event,
        'its time in seconds': true,
        'when it was completed': true,
        'a job that failed': 'failed',
        'its failures': null,
        'no failures': {},
        'a mail': ['body', 'id', 'subject'],
        'a list': [[job, 'complete']],
        'a list of an unknown process': 404,
        'a job of another process': 404,
        'a job that is deleted': true,
        'a job that is gone': 404,
        'the events': ['new_assembly', 'failing', 'seen'],
        'the processes': ['dump_dna', 'dump_peptide', 'fails']
      })
      const command = async (...args: string[]): Promise<string> => (await run(PYTHON, ['-m', 'ensembl_prodinf.event_client', '-u', `${url}${path}`, ...args], options)).stderr
      const submitted = await command('-a', 'submit', '-e', JSON.stringify(event))
      t.match(submitted, /Job submitted with ID \S+/)
      t.notMatch(submitted, /failed/)
      const [, id = ''] = /with ID (\S+)/.exec(submitted) ?? []
      t.match(await command('-a', 'retrieve', '-p', 'dump_dna', '-i', id), new RegExp(`'id': '${id}'`))
      t.match(await command('-a', 'list', '-p', 'dump_dna'), new RegExp(`'id': '${id}'`))
      t.match(await command('-a', 'events'), /\['new_assembly', 'failing', 'seen'\]/)
      t.match(await command('-a', 'processes'), /\['dump_dna', 'dump_peptide', 'fails'\]/)
    })
  }
})
