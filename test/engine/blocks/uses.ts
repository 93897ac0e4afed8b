import { join } from 'node:path'
import t from 'tap'
import { describeUse, missingOf, usesOf } from '../../../src/engine/blocks/uses.ts'
import { loadLookups } from '../../../src/engine/lookups/lookups.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { command, roleEnvironment, temporaryFolder, writeLookups } from '../../fixtures/service.ts'

const lookups = {
  events: { go: { processes: ['tool'], notify: [{ mail: { block: 'post', to: ['a@b.c'] }, slack: { block: 'chat' } }] }, plain: ['service'] },
  processes: {
    tool: { run: { command: ['true'], env: { P: { block: 'staging', field: 'password', kind: 'core_database' }, Q: 'text', R: { env: 'HOME' } } } },
    service: { run: { http: { url: 'http://127.0.0.1:1/', headers: { authorization: { block: 'token', field: 'api_key' } } } }, notify: [{ webhook: { block: 'hook' } }] },
    hive: { run: { hive: { block: 'hive', analysis: 'a' } } },
    dump_dna: { params: { fixed: { server: 'mirror' } } },
    transcribe: { params: { fixed: { downloader: 'yt', speech: { engine: 'openai', block: 'ear' } } } },
    preprocess_consultation_documents: { params: { fixed: { platform_storage: 'platform' } } }
  }
}

t.test('every block that a process, a notice or a setting refers to is known', async (t) => {
  const folder = temporaryFolder(t)
  writeLookups(folder, lookups)
  const loaded = await loadLookups({ folder, checkRun, builtIns: shipped.processes, env: {} })
  const uses = usesOf(loaded, shipped.kinds, [{ kind: 'amqp', name: 'broker', setting: 'SIGNALBOX_REPORT_BLOCK' }])
  t.same(uses.map(({ kinds, name, by }) => `${kinds.join('|')}/${name} ${by}`).sort(), [
    'amqp/broker setting SIGNALBOX_REPORT_BLOCK',
    'api_credentials/demokratis-api process preprocess_consultation_documents',
    'core_database/hive process hive',
    'core_database/mirror process dump_dna',
    'core_database/staging process tool',
    'object_store/platform process preprocess_consultation_documents',
    'object_store/remote-dataframe-storage process preprocess_consultation_documents',
    'openai_speech/ear process transcribe',
    'openai_speech/token process service',
    'slack_webhook/chat notices of event type go',
    'smtp/post notices of event type go',
    'video_downloader/yt process transcribe',
    'webhook/hook notices of process service'
  ])
  const there = new Set(['core_database/staging', 'openai_speech/token', 'smtp/post'])
  t.same(missingOf(uses, there).filter(({ name }) => ['staging', 'token', 'post', 'chat'].includes(name)).map(describeUse), ['block slack_webhook/chat is missing: notices of event type go refers to it'])
})

t.test('signalbox check names the blocks that are missing', async (t) => {
  const folder = temporaryFolder(t)
  writeLookups(folder, lookups)
  const env = await roleEnvironment(folder, `pglite:${join(folder, 'data')}`)
  const { code, output } = await command(['check'], { ...env, SIGNALBOX_REPORT_BLOCK: 'broker' })
  t.equal(code, 0)
  t.match(output, 'warning: block core_database/staging is missing: process tool refers to it')
  t.match(output, 'warning: block amqp/broker is missing: setting SIGNALBOX_REPORT_BLOCK refers to it')
  t.match(output, 'warning: block slack_webhook/chat is missing: notices of event type go refers to it')
})
