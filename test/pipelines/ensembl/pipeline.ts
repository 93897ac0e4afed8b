import { join } from 'node:path'
import t from 'tap'
import { makePlan } from '../../../src/engine/dispatch/plan.ts'
import { loadLookups } from '../../../src/engine/lookups/lookups.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { HOME } from '../../fixtures/places.ts'

t.test('the entries of the dumps that are shipped take what they are meant to take', async (t) => {
  const lookups = await loadLookups({ folder: join(HOME, 'lookups'), checkRun, builtIns: shipped.processes })
  t.same(lookups.warnings, [])
  const { example, type } = lookups.eventTypes.get('new_assembly') ?? { type: '', example: undefined }
  for (const name of lookups.eventTypes.get('new_assembly')?.processes ?? []) {
    t.same(lookups.processes.get(name)?.check({ type, subject: example?.['genome'], ...example }), [], `${name} takes the example`)
  }
  const dna = lookups.processes.get('dump_dna')!
  t.same(dna.fixed, { server: null, databases: undefined })
  const problems = (data: object, subject?: string): string[] => dna.check({ ...subject === undefined ? {} : { subject }, data }).map(({ field, message }) => `${field} ${message}`)
  t.same(problems({ server: null, fasta: 'x' }, 'a'), [], 'a FASTA')
  t.same(problems({ server: 'staging' }, 'a'), [], 'the newest database')
  t.same(problems({ server: 'staging', database: 'a_core_1', assembly: 'B' }), [], 'a database by its name')
  t.same(problems({ server: 'staging', fasta: 'x' }, 'a'), [], 'a FASTA although there is a server')
  t.same(problems({ server: null }, 'a'), ['data/fasta is required'])
  t.same(problems({ server: null, fasta: 'x', database: 'b' }, 'a'), ['data/database cannot be given here'])
  t.same(problems({ server: 'staging', coord_system: 'x' }, 'a'), ['data/coord_system cannot be given here'])
  t.match(problems({ server: 'staging' }), ['subject is required'])
})

t.test('an event with a FASTA alone starts dump_dna alone; where genes are all that is asked for it is refused', async (t) => {
  const lookups = await loadLookups({ folder: join(HOME, 'lookups'), checkRun, builtIns: shipped.processes })
  const plan = (type: string, data: object) => makePlan({ event: { id: '1', source: '/test', type, subject: 'a', data }, key: 'k', given: true }, lookups)
  const alone = plan('new_assembly', { fasta: 'x' })
  t.same(alone.jobs.map(({ process: name, problems }) => [name, problems]), [['dump_dna', []]])
  t.same(alone.leftOut, [{ process: 'dump_peptide', reason: 'the event has data.fasta and no data.gff3: there are no genes to dump' }])
  t.match(plan('new_genebuild', { fasta: 'x' }), { jobs: [{ process: 'dump_peptide', problems: [{ field: 'data/gff3', message: 'is required' }] }], leftOut: undefined })
  t.same(plan('new_assembly', { fasta: 'x', gff3: 'y' }).jobs.map((job) => job.process), ['dump_dna', 'dump_peptide'])
  t.match(plan('new_assembly', {}).jobs, [{ problems: [{ field: 'data/fasta' }] }, { problems: [{ field: 'data/gff3' }] }], 'without either it is refused as before')
})
