import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fastaLines } from '../src/pipelines/ensembl/sequence/fasta.ts'

export type DnaInput = {
  bases: number
  /** Half of it soft-masked, as stretches of a few hundred bases. */
  fasta: string
  /** The same genome as the tables of a core database; its regions are contigs of 10 Mb at most. */
  tables: string
}

/** A multiple of a line. */
const contigBases = 9_999_960
const seed = 7
const gap = { start: 10_000, end: 30_000 }

/** A made-up genome: pseudo-random bases, the same on every run, with stretches of lower case and a gap of N in each contig. */
export async function writeDnaInput (folder: string, lengths: number[]): Promise<DnaInput> {
  const tables = join(folder, 'core')
  mkdirSync(tables)
  const fasta = join(folder, 'genome.fa')
  const text = createWriteStream(fasta)
  const dna = createWriteStream(join(tables, 'dna.txt'))
  const write = async (stream: NodeJS.WritableStream, bytes: Buffer | string): Promise<void> => {
    if (!stream.write(bytes)) await new Promise((resolve) => { stream.once('drain', resolve) })
  }
  const rows = { seq_region: '', seq_region_attrib: '', assembly: '', repeat_feature: '' }
  const repeats: string[] = []
  const random = createRandom()
  let contig = 1000
  for (const [index, length] of lengths.entries()) {
    const id = index + 1
    rows.seq_region += `${id}\t${id}\t1\t${length}\n`
    rows.seq_region_attrib += `${id}\t1\t1\n${id}\t2\t${id}\n`
    await write(text, `>${id} dna_sm:chromosome chromosome:MADE1:${id}:1:${length}:1 REF\n`)
    for (let start = 0; start < length; start += contigBases) {
      const letters = makeLetters(Math.min(contigBases, length - start), random, start, (from, to) => { repeats.push(`${id}\t${from}\t${to}\t1\t1\t1\t1\t1`) })
      rows.seq_region += `${++contig}\tc${contig}\t2\t${letters.length}\n`
      rows.assembly += `${id}\t${contig}\t${start + 1}\t${start + letters.length}\t1\t${letters.length}\t1\n`
      await write(dna, `${contig}\t`)
      await write(dna, letters.toString('latin1').toUpperCase())
      await write(dna, '\n')
      await write(text, fastaLines(letters))
    }
  }
  text.end()
  dna.end()
  await Promise.all([finished(text), finished(dna)])
  rows.repeat_feature = repeats.map((row, index) => `${index + 1}\t${row}\n`).join('')
  const meta = [['species.production_name', 'made_up'], ['species.division', 'EnsemblBench'], ['assembly.mapping', 'chromosome:MADE1#contig'], ['repeat.analysis', 'repeatmask']]
  const fixed = {
    meta: meta.map(([key, value], index) => `${index + 1}\t1\t${key}\t${value}\n`).join(''),
    meta_coord: 'repeat_feature\t1\t2000\n',
    coord_system: '1\t1\tchromosome\tMADE1\t1\tdefault_version\n2\t1\tcontig\t\\N\t2\tdefault_version,sequence_level\n',
    attrib_type: '1\ttoplevel\n2\tkaryotype_rank\n',
    analysis: '1\trepeatmask\n',
    repeat_consensus: '1\tr\n'
  }
  for (const [name, content] of Object.entries({ ...rows, ...fixed })) writeFileSync(join(tables, `${name}.txt`), content)
  writeFileSync(join(tables, 'table.sql'), schema)
  return { bases: lengths.reduce((sum, length) => sum + length, 0), fasta, tables }
}

/** What dump_dna reads of a core database. */
const schema = `
CREATE TABLE meta (meta_id INT PRIMARY KEY, species_id INT, meta_key VARCHAR(64), meta_value VARCHAR(255)) ENGINE=MyISAM;
CREATE TABLE meta_coord (table_name VARCHAR(40), coord_system_id INT, max_length INT) ENGINE=MyISAM;
CREATE TABLE coord_system (coord_system_id INT PRIMARY KEY, species_id INT, name VARCHAR(40), version VARCHAR(255), \`rank\` INT, attrib SET('default_version', 'sequence_level')) ENGINE=MyISAM;
CREATE TABLE seq_region (seq_region_id INT PRIMARY KEY, name VARCHAR(255), coord_system_id INT, length INT) ENGINE=MyISAM;
CREATE TABLE attrib_type (attrib_type_id INT PRIMARY KEY, code VARCHAR(20)) ENGINE=MyISAM;
CREATE TABLE seq_region_attrib (seq_region_id INT, attrib_type_id INT, value TEXT, KEY (seq_region_id)) ENGINE=MyISAM;
CREATE TABLE assembly (asm_seq_region_id INT, cmp_seq_region_id INT, asm_start INT, asm_end INT, cmp_start INT, cmp_end INT, ori TINYINT, KEY (asm_seq_region_id, asm_start)) ENGINE=MyISAM;
CREATE TABLE assembly_exception (assembly_exception_id INT PRIMARY KEY, seq_region_id INT, seq_region_start INT, seq_region_end INT, exc_type VARCHAR(20), exc_seq_region_id INT, exc_seq_region_start INT, exc_seq_region_end INT, ori INT) ENGINE=MyISAM;
CREATE TABLE dna (seq_region_id INT PRIMARY KEY, sequence MEDIUMTEXT) ENGINE=MyISAM;
CREATE TABLE analysis (analysis_id INT PRIMARY KEY, logic_name VARCHAR(40)) ENGINE=MyISAM;
CREATE TABLE repeat_consensus (repeat_consensus_id INT PRIMARY KEY, repeat_name VARCHAR(255)) ENGINE=MyISAM;
CREATE TABLE repeat_feature (repeat_feature_id INT PRIMARY KEY, seq_region_id INT, seq_region_start INT, seq_region_end INT, seq_region_strand INT, repeat_start INT, repeat_end INT, repeat_consensus_id INT, analysis_id INT, KEY (seq_region_id, seq_region_start)) ENGINE=MyISAM;
`

function createRandom (): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

function makeLetters (length: number, random: () => number, offset: number, masked: (start: number, end: number) => void): Buffer {
  const letters = Buffer.allocUnsafe(length)
  const bases = Buffer.from('ACGT')
  for (let at = 0; at < length;) {
    const isMasked = random() % 2 === 0
    const end = Math.min(length, at + 100 + random() % 800)
    if (isMasked) masked(offset + at + 1, offset + end)
    for (; at < end; at++) letters[at] = bases[random() >>> 7 & 3]! | (isMasked ? 0x20 : 0)
  }
  for (let at = gap.start; at < Math.min(gap.end, length); at++) letters[at] = 78 | (letters[at]! & 0x20)
  return letters
}
