import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { dumpPeptide } from '../../../../src/pipelines/ensembl/dump_peptide.ts'
import type { DumpPeptideParams } from '../../../../src/pipelines/ensembl/params.ts'
import { DATA } from '../../../fixtures/places.ts'
import { dumpContext, fastaRecords, gunzipText, readTree } from '../fixtures/dump-context.ts'

/** Records by id; `*` is any id. */
type Records = Record<string, string>

type Expected = {
  pep?: Records
  cds?: Records
  cdna?: Records
  ncrna?: Records
  pep_count?: number
  cdna_not_longer?: number
  header?: Record<string, string>
  failed?: string
  anyOf?: Expected[]
}

const folder = join(DATA, 'cases/ensembl')
const TYPES = ['pep', 'cds', 'cdna', 'ncrna'] as const

type Outcome = { reason?: string, files: Map<string, Array<{ header: string, sequence: string }>>, rows?: { read: number, used: number, left_out: Array<{ rows: number }> } }

async function run (t: Test, path: string, event: { genome: string, data: object }): Promise<Outcome> {
  const given = (name: string): string => [name, `${name}.gz`].map((file) => join(path, file)).find(existsSync)!
  const { context, folder: store } = await dumpContext<DumpPeptideParams>(event.genome, { ...event.data, fasta: given('g.fa'), gff3: given('g.gff3') }, [path])
  t.teardown(async () => rm(store, { recursive: true }))
  try {
    const { output } = await dumpPeptide(context)
    const files = new Map([...await readTree(store)].filter(([name]) => name.endsWith('.fa.gz'))
      .map(([name, bytes]) => [TYPES.find((type) => basename(name).includes(`.${type}.`))!, fastaRecords(gunzipText(bytes))]))
    return { files, rows: (output as { rows: Outcome['rows'] }).rows }
  } catch (error) {
    t.equal((await readTree(store)).size, 0, 'what is refused leaves no file')
    return { reason: (error as Error).message, files: new Map() }
  }
}

/** What does not meet the expectation. */
function differences (expected: Expected, { reason, files }: Outcome): string[] {
  if (expected.anyOf !== undefined) {
    const each = expected.anyOf.map((one) => differences(one, { reason, files }))
    return each.some((found) => found.length === 0) ? [] : each.flat()
  }
  if (expected.failed !== undefined) return reason !== undefined && new RegExp(expected.failed).test(reason) ? [] : [`not refused for ${expected.failed}: ${reason}`]
  if (reason !== undefined) return [`refused: ${reason}`]
  const found: string[] = []
  for (const type of TYPES) {
    const records = files.get(type) ?? []
    for (const [id, sequence] of Object.entries(expected[type] ?? {})) {
      if (!records.some(({ header, sequence: own }) => own === sequence && (id === '*' || header.split(' ')[0] === id))) found.push(`${type} ${id}: ${JSON.stringify(records)}`)
    }
    const pattern = expected.header?.[type]
    if (pattern !== undefined && !records.some(({ header }) => header.includes(pattern))) found.push(`no ${type} header with ${pattern}`)
  }
  const peptides = files.get('pep')?.length ?? 0
  if (expected.pep_count !== undefined && peptides !== expected.pep_count) found.push(`${peptides} peptides`)
  const most = expected.cdna_not_longer
  if (most !== undefined && files.get('cdna')!.some(({ sequence }) => sequence.length > most)) found.push(`cdna longer than ${most}`)
  return found
}

t.test('genome files as people have them', { skip: existsSync(folder) ? false : 'the shared cases are not on this machine' }, async (t) => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  t.ok(names.length >= 27)
  for (const name of names) {
    t.test(name.replaceAll('_', ' '), async (t) => {
      const path = join(folder, name)
      const { event, expected } = JSON.parse(readFileSync(join(path, 'case.json'), 'utf8')) as { event: { genome: string, data: object }, expected: Expected }
      const outcome = await run(t, path, event)
      t.same(differences(expected, outcome), [])
      if (outcome.rows === undefined) return
      t.equal(outcome.rows.used + outcome.rows.left_out.reduce((sum, { rows }) => sum + rows, 0), outcome.rows.read, 'every row is used or counted')
    })
  }
})
