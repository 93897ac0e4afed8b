import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { dumpPeptide } from '../../../../src/pipelines/ensembl/dump_peptide.ts'
import { annotationOf } from '../fixtures/annotation.ts'
import { dumpContext, fastaRecords, gunzipText, readTree } from '../fixtures/dump-context.ts'
import { makeGenome, producers } from '../fixtures/made-genes.ts'

const noGffread = existsSync('/usr/bin/gffread') ? false : 'no gffread on this machine (Debian: apt-get install gffread)'

function createRandom (seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

type Dumped = { proteins: string[], cdna: string[], rows: { read: number, used: number, left_out: Array<{ type: string, reason: string, rows: number }> } }

async function dump (t: Test, fasta: string, annotation: string): Promise<Dumped> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'g.fa'), fasta)
  writeFileSync(join(folder, 'a'), annotation)
  const { context, folder: store } = await dumpContext('made_up', { assembly: 'M1', fasta: join(folder, 'g.fa'), gff3: join(folder, 'a') }, [folder])
  t.teardown(async () => rm(store, { recursive: true }))
  const { output } = await dumpPeptide(context)
  const files = [...await readTree(store)]
  const of = (type: string): string[] => files.filter(([name]) => name.includes(`.${type}.all.`)).flatMap(([, bytes]) => fastaRecords(gunzipText(bytes))).map(({ sequence }) => sequence).sort()
  return { proteins: of('pep'), cdna: of('cdna'), rows: (output as { rows: Dumped['rows'] }).rows }
}

function gffread (t: Test, fasta: string, annotation: string): { proteins: string[], cdna: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const path = (name: string): string => join(folder, name)
  writeFileSync(path('g.fa'), fasta)
  writeFileSync(path(annotation.includes('gene_id "') ? 'a.gtf' : 'a.gff3'), annotation)
  execFileSync('/usr/bin/gffread', ['-y', path('y'), '-w', path('w'), '-g', path('g.fa'), path(annotation.includes('gene_id "') ? 'a.gtf' : 'a.gff3')], { stdio: 'ignore' })
  const read = (name: string): string[] => fastaRecords(readFileSync(path(name), 'utf8')).map(({ sequence }) => sequence.replace(/\.$/, '')).sort()
  return { proteins: read('y'), cdna: read('w') }
}

t.test('the files of many producers give the proteins that their genes were made with, and those of gffread', async (t) => {
  const { fasta, genes: all } = makeGenome(12, createRandom(5))
  for (const [producer, write] of Object.entries(producers)) {
    t.test(producer, async (t) => {
      // Bacteria have no introns; of a spliced CDS without a parent gffread makes a transcript for each row.
      const genes = producer === 'Prokka' ? all.filter(({ coding }) => coding.length === 1) : all
      const text = write(genes)
      const times = producer === 'FlyBase' ? 2 : 1
      const { proteins, cdna, rows } = await dump(t, fasta, text)
      t.same(proteins, genes.flatMap(({ protein }) => Array.from({ length: times }, () => protein)).sort())
      t.equal(rows.used + rows.left_out.reduce((sum, one) => sum + one.rows, 0), rows.read)
      if (noGffread !== false) return t.comment(noGffread)
      const theirs = gffread(t, fasta, text)
      t.same(proteins, theirs.proteins)
      t.same(cdna, theirs.cdna)
    })
  }
})

t.test('random genes in every form give the same proteins, whatever the size of pieces and sections', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 }), async (seed, count, mostRows) => {
    const { genes } = makeGenome(count, createRandom(seed))
    for (const write of Object.values(producers)) {
      const text = write(genes)
      const whole = await annotationOf(text, { size: 1 << 16 })
      const sliced = await annotationOf(text, { size: 1 + seed % 97, mostRows })
      const spans = ({ transcripts }: typeof whole): string[] => transcripts.map((one) => JSON.stringify([one.id, one.translation?.coding, one.exons])).sort()
      t.same(spans(sliced), spans(whole))
      for (const { counts: { read, used, left_out: leftOut } } of [whole, sliced]) {
        if (used + leftOut.reduce((sum, { rows }) => sum + rows, 0) !== read) throw new Error('a row was lost')
        if (read !== text.split('\n').filter((line) => line !== '' && line !== '\r' && !line.startsWith('#')).length) throw new Error('a row was not read')
      }
    }
  }), { numRuns: 25 })
})
