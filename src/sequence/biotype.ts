/** Which dump a biotype belongs to: cDNA with proteins, cDNA alone, or ncRNA. */
export type BiotypeGroup = 'coding' | 'pseudogene' | 'noncoding'

// Names of Ensembl's biotype groups, release 114 (https://www.ensembl.org/info/genome/genebuild/biotypes.html). The
// three kinds of non-coding group (short, long, other) go the same way and are one here.
const groups: Record<BiotypeGroup, string> = {
  coding: `
    IG_C_gene IG_D_gene IG_J_gene IG_LV_gene IG_M_gene IG_V_gene IG_Z_gene IG_gene TR_C_gene TR_D_gene TR_J_gene
    TR_V_gene TR_gene mRNA non_stop_decay nonsense_mediated_decay nontranslating_CDS polymorphic polymorphic_pseudogene
    protein_coding rnaseq_putative_cds unknown_likely_coding`,
  pseudogene: `
    IG_C_pseudogene IG_D_pseudogene IG_J_pseudogene IG_V_pseudogene IG_pseudogene Mt_tRNA_pseudogene TR_J_pseudogene
    TR_V_pseudogene TR_pseudogene disrupted_domain miRNA_pseudogene misc_RNA_pseudogene ncRNA_pseudogene ncbi_pseudogene
    processed_pseudogene pseudogene rRNA_pseudogene retrotransposed scRNA_pseudogene snRNA_pseudogene snoRNA_pseudogene
    tRNA_pseudogene transcribed_processed_pseudogene transcribed_pseudogene transcribed_unitary_pseudogene
    transcribed_unprocessed_pseudogene translated_processed_pseudogene translated_unprocessed_pseudogene
    unitary_pseudogene unprocessed_pseudogene`,
  noncoding: `
    CRISPR Mt_rRNA Mt_tRNA RNase_MRP_RNA RNase_P_RNA SRP_RNA Y_RNA class_II_RNA class_I_RNA guide_RNA known_ncRNA miRNA
    ncRNA piRNA pre_miRNA rRNA sRNA scRNA scaRNA snRNA snlRNA snoRNA tRNA telomerase_RNA tmRNA vaultRNA vault_RNA
    misc_RNA
    3prime_overlapping_ncRNA ambiguous_orf antisense antisense_RNA antitoxin bidirectional_promoter_lncRNA lincRNA lncRNA
    macro_lncRNA ncRNA_host non_coding processed_transcript retained_intron ribozyme sense_intronic sense_overlapping`
}

const groupOf: ReadonlyMap<string, BiotypeGroup> = new Map((Object.keys(groups) as BiotypeGroup[]).flatMap((group) =>
  groups[group].trim().split(/\s+/).map((biotype) => [biotype, group] as const)))

/** Undefined for biotypes that no dump takes, such as TEC. */
export function biotypeGroup (biotype: string): BiotypeGroup | undefined {
  return groupOf.get(biotype)
}

/** Whether a transcript of this biotype may have a protein; `polymorphic` is coding as a biotype of genes only. */
export function isCodingTranscript (biotype: string): boolean {
  return groupOf.get(biotype) === 'coding' && biotype !== 'polymorphic'
}
