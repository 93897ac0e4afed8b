type BiotypeGroup = 'coding' | 'pseudogene' | 'noncoding'

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

/** What biotypes mean to the dumps. */
export interface Biotypes {
  /** The dumps of the transcripts of a gene; none for a biotype such as TEC. */
  dumpsOf: (geneBiotype: string) => ReadonlyArray<'cdna' | 'ncrna'>
  /** Whether a transcript may have a protein. */
  isCoding: (transcriptBiotype: string) => boolean
}

/** A row of a database's own table: `objectType` is `gene` or `transcript`, `group` a name such as `snoncoding`. */
export type BiotypeRow = { name: string, objectType: string, group: string }

const groupNames: ReadonlyMap<string, BiotypeGroup> = new Map([
  ['coding', 'coding'],
  ['pseudogene', 'pseudogene'],
  ['snoncoding', 'noncoding'],
  ['lnoncoding', 'noncoding'],
  ['mnoncoding', 'noncoding']
])

/** The list of release 114, in which rows of `own` stand in for those of the same name and type. */
export function createBiotypes (own: readonly BiotypeRow[] = []): Biotypes {
  const given = new Map(own.map(({ name, objectType, group }) => [`${objectType} ${name}`, groupNames.get(group)]))
  const groupAs = (objectType: 'gene' | 'transcript', name: string): BiotypeGroup | undefined => {
    const key = `${objectType} ${name}`
    if (given.has(key)) return given.get(key)
    // Coding as a biotype of genes only.
    return objectType === 'transcript' && name === 'polymorphic' ? undefined : groupOf.get(name)
  }
  const dumpsOf = (name: string): Array<'cdna' | 'ncrna'> => {
    const found = [groupAs('gene', name), groupAs('transcript', name)]
    const isCdna = found.includes('coding') || found.includes('pseudogene')
    return [...isCdna ? ['cdna' as const] : [], ...found.includes('noncoding') ? ['ncrna' as const] : []]
  }
  const known = new Map<string, Array<'cdna' | 'ncrna'>>()
  return {
    dumpsOf: (name) => {
      let dumps = known.get(name)
      if (dumps === undefined) known.set(name, dumps = dumpsOf(name))
      return dumps
    },
    isCoding: (name) => groupAs('transcript', name) === 'coding'
  }
}
