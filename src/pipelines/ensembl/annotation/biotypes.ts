import { readFirst } from './attributes.ts'

/** Biotypes that the types of rows stand for, where no attribute names one. */
const OF_TYPES: ReadonlyMap<string, string> = new Map([
  ...[
    'tRNA',
    'rRNA',
    'ncRNA',
    'lncRNA',
    'lincRNA',
    'snoRNA',
    'snRNA',
    'miRNA',
    'pre_miRNA',
    'tmRNA',
    'SRP_RNA',
    'RNase_P_RNA',
    'RNase_MRP_RNA',
    'antisense_RNA',
    'telomerase_RNA',
    'vault_RNA',
    'Y_RNA',
    'scRNA',
    'scaRNA',
    'piRNA',
    'guide_RNA',
    'misc_RNA',
    'ribozyme',
    'pseudogene',
    'sRNA'
  ].map((type) => [type, type] as const),
  ['lnc_RNA', 'lncRNA'],
  ['antisense_lncRNA', 'lncRNA'],
  ['nc_primary_transcript', 'ncRNA'],
  ['ncRNA_gene', 'ncRNA'],
  ['nontranslating_transcript', 'ncRNA'],
  ['miRNA_primary_transcript', 'miRNA'],
  ['primary_transcript', 'miRNA'],
  ['pseudogenic_transcript', 'pseudogene'],
  ['pseudogenic_tRNA', 'tRNA_pseudogene'],
  ['mRNA', 'protein_coding']
])

/** The word of files that name no biotype, for what is not known to code. */
export const UNKNOWN_BIOTYPE = 'unknown'

/** GENCODE and GTF files have other names for it than Ensembl's GFF3. */
export function readGeneBiotype (attributes: string): string | undefined {
  return readFirst(attributes, 'biotype', 'gene_biotype', 'gene_type')
}

export function readTranscriptBiotype (attributes: string): string | undefined {
  return readFirst(attributes, 'biotype', 'transcript_biotype', 'transcript_type')
}

export function biotypeOfType (type: string): string | undefined {
  return OF_TYPES.get(type)
}
