import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { renderLookupSchemas } from '../../scripts/lookup_schemas.ts'
import { HOME } from '../fixtures/places.ts'

const schemas = renderLookupSchemas()

function check (name: string, value: unknown): string[] {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false })
  const validate = ajv.compile(JSON.parse(schemas.get(`openapi/${name}.schema.json`) ?? '{}') as object)
  return validate(value) === true ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

t.test('editors find nothing wrong with the lookups that are shipped', async (t) => {
  for (const folder of ['lookups', 'examples/starter/lookups', 'examples/flow', 'examples/kedro', 'examples/demokratis/lookups']) {
    for (const name of ['event_lookup', 'process_lookup', 'schedule_lookup']) {
      const text = ((): string => {
        try {
          return readFileSync(join(HOME, folder, `${name}.json`), 'utf8')
        } catch {
          return '{}'
        }
      })()
      t.same(check(name, JSON.parse(text)), [], `${folder}/${name}`)
    }
  }
})

t.test('editors underline what is wrong, the parameters of shipped processes among it', async (t) => {
  t.ok(check('event_lookup', { arrived: { process: ['greet'] } }).length > 0)
  t.ok(check('process_lookup', { greet: { runs: { module: './greet.ts' } } }).length > 0)
  t.ok(check('process_lookup', { greet: { run: { module: './greet.ts' }, attempts: 'three' } }).length > 0)
  t.ok(check('schedule_lookup', { often: { type: 'x', every: 5 } }).length > 0)
  t.ok(check('process_lookup', { dump: { run: { module: 'dump_dna' }, params: { default: { fasta: 7 } } } }).length > 0)
  t.same(check('process_lookup', { dump: { run: { module: 'dump_dna' }, params: { default: { fasta: { env: 'FASTA' } } } } }), [])
})
