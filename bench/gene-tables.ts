import type { MadeGene } from './gene-input.ts'

const place = 'seq_region_id INT UNSIGNED, seq_region_start INT UNSIGNED, seq_region_end INT UNSIGNED, seq_region_strand TINYINT'
const stable = 'stable_id VARCHAR(128), version SMALLINT UNSIGNED'

/** The columns that the dumps read, in the order of `tableRows`. */
export const tables = Object.entries({
  meta: 'meta_id INT PRIMARY KEY, species_id INT, meta_key VARCHAR(64), meta_value VARCHAR(255)',
  meta_coord: 'table_name VARCHAR(40), coord_system_id INT UNSIGNED, max_length INT',
  coord_system: 'coord_system_id INT UNSIGNED PRIMARY KEY, species_id INT, name VARCHAR(40), version VARCHAR(255), `rank` INT, attrib VARCHAR(255)',
  seq_region: 'seq_region_id INT UNSIGNED PRIMARY KEY, name VARCHAR(255), coord_system_id INT UNSIGNED, length INT UNSIGNED',
  seq_region_attrib: 'seq_region_id INT UNSIGNED, attrib_type_id INT, value TEXT',
  attrib_type: 'attrib_type_id INT PRIMARY KEY, code VARCHAR(20)',
  assembly: 'asm_seq_region_id INT UNSIGNED, cmp_seq_region_id INT UNSIGNED, asm_start INT, asm_end INT, cmp_start INT, cmp_end INT, ori TINYINT',
  assembly_exception: `assembly_exception_id INT PRIMARY KEY, ${place}, exc_type VARCHAR(20), exc_seq_region_id INT UNSIGNED, exc_seq_region_start INT, exc_seq_region_end INT`,
  dna: 'seq_region_id INT UNSIGNED PRIMARY KEY, sequence LONGTEXT',
  analysis: 'analysis_id INT PRIMARY KEY, logic_name VARCHAR(128)',
  xref: 'xref_id INT PRIMARY KEY, display_label VARCHAR(255)',
  gene: `gene_id INT UNSIGNED PRIMARY KEY, biotype VARCHAR(40), ${place}, is_current TINYINT, ${stable}, display_xref_id INT, description TEXT`,
  transcript: `transcript_id INT UNSIGNED PRIMARY KEY, gene_id INT UNSIGNED, biotype VARCHAR(40), ${place}, canonical_translation_id INT UNSIGNED, ${stable}, analysis_id INT, KEY (gene_id)`,
  transcript_attrib: 'transcript_id INT UNSIGNED, attrib_type_id INT, value TEXT, KEY (transcript_id)',
  exon: `exon_id INT UNSIGNED PRIMARY KEY, ${place}, phase TINYINT`,
  exon_transcript: 'exon_id INT UNSIGNED, transcript_id INT UNSIGNED, `rank` INT, KEY (transcript_id), KEY (exon_id)',
  translation: `translation_id INT UNSIGNED PRIMARY KEY, seq_start INT, start_exon_id INT UNSIGNED, seq_end INT, end_exon_id INT UNSIGNED, ${stable}`,
  translation_attrib: 'translation_id INT UNSIGNED, attrib_type_id INT, value TEXT, KEY (translation_id)',
  prediction_transcript: `prediction_transcript_id INT UNSIGNED PRIMARY KEY, ${place}, display_label VARCHAR(255)`,
  prediction_exon: `prediction_transcript_id INT UNSIGNED, exon_rank INT, ${place}, start_phase TINYINT`
}).map(([name, columns]) => `CREATE TABLE ${name} (${columns}) ENGINE=MyISAM;\n`).join('')

export const tableNames = ['meta', 'meta_coord', 'coord_system', 'seq_region', 'gene', 'transcript', 'exon', 'exon_transcript', 'translation'] as const

export function * tableRows (name: typeof tableNames[number], genes: MadeGene[], { chromosomes, bases }: { chromosomes: number, bases: number }): Generator<string> {
  const row = (...values: Array<string | number | null>): string => `${values.map((value) => value ?? '\\N').join('\t')}\n`
  if (name === 'meta') yield row(1, 1, 'species.production_name', 'made_up')
  if (name === 'meta_coord') yield row('transcript', 1, bases)
  if (name === 'coord_system') yield row(1, 1, 'chromosome', 'B1', 1, 'default_version,sequence_level')
  if (name === 'seq_region') for (let chromosome = 1; chromosome <= chromosomes; chromosome++) yield row(chromosome, String(chromosome), 1, bases)
  let transcriptId = 0
  let exonId = 0
  for (const { chromosome, id, number, strand, exons, transcripts } of genes) {
    const whole = [chromosome, exons[0]![0], exons.at(-1)![1], strand] as const
    const ordered = strand === 1 ? exons : [...exons].reverse()
    if (name === 'gene') yield row(number, 'protein_coding', ...whole, 1, id, 1, null, 'made up for the benchmark')
    for (const transcript of transcripts) {
      transcriptId++
      if (name === 'transcript') yield row(transcriptId, number, 'protein_coding', ...whole, transcriptId, transcript, 1, 1)
      if (name === 'translation') yield row(transcriptId, 1, exonId + 1, ordered.at(-1)![1] - ordered.at(-1)![0] + 1, exonId + ordered.length, `${transcript}P`, 1)
      for (const [index, [start, end]] of ordered.entries()) {
        exonId++
        if (name === 'exon') yield row(exonId, chromosome, start, end, strand, 0)
        if (name === 'exon_transcript') yield row(exonId, transcriptId, index + 1)
      }
    }
  }
}
