export type PartKind = 'exon' | 'cds' | 'untranslated' | 'stop' | 'selenocysteine'

/** What a row is, by its type. */
export type RowKind = PartKind | 'feature' | 'ignored'

/** What the type of a row, in small letters, makes of it. */
const PARTS: ReadonlyMap<string, PartKind> = new Map([
  ['exon', 'exon'], ['coding_exon', 'exon'], ['noncoding_exon', 'exon'], ['pseudogenic_exon', 'exon'],
  ['cds', 'cds'],
  ['five_prime_utr', 'untranslated'], ['three_prime_utr', 'untranslated'], ['utr', 'untranslated'],
  ['5utr', 'untranslated'], ['3utr', 'untranslated'], ["5'utr", 'untranslated'], ["3'utr", 'untranslated'],
  ['stop_codon', 'stop'],
  ['selenocysteine', 'selenocysteine'], ['stop_codon_redefined_as_selenocysteine', 'selenocysteine']
])

/** They have IDs in some files, and tell nothing that other rows do not. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ...[
    'intron',
    'start_codon',
    'protein',
    'polypeptide',
    'transcription_start_site',
    'transcription_end_site',
    'tss',
    'tts',
    'polya_site',
    'polya_sequence',
    'inter',
    'inter_cns',
    'intron_cns',
    'splice_donor',
    'splice_acceptor'
  ].map((type) => [type, 'tells what exons and CDS tell'] as const),
  ...[
    'match',
    'match_part',
    'cdna_match',
    'est_match',
    'protein_match',
    'nucleotide_match',
    'expressed_sequence_match',
    'translated_nucleotide_match',
    'protein_hmm_match',
    'translated_nucleotide_match_part'
  ].map((type) => [type, 'is a match, not a gene'] as const)
])

const kinds = new Map<string, RowKind>()

export function kindOf (type: string): RowKind {
  let kind = kinds.get(type)
  if (kind === undefined) {
    const name = type.toLowerCase()
    kind = PARTS.get(name) ?? (IGNORED.has(name) ? 'ignored' : 'feature')
    // What a file calls its rows is not bounded.
    if (kinds.size < 10_000) kinds.set(type, kind)
  }
  return kind
}

export function whyIgnored (type: string): string {
  return IGNORED.get(type.toLowerCase()) ?? 'is not read'
}
