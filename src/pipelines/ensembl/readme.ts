const shared = `Files are FASTA, 60 letters a line, compressed by gzip. A gzip file may have several members; gunzip and the usual
readers take them as one. CHECKSUMS holds, for each file, the sum and the number of 1024-byte blocks that BSD "sum" gives.
`

/** `accession` is a line about the assembly, where its source tells one. */
export function dnaReadme (stem: string, accession?: string): string {
  return `Genome sequence of ${stem}.
${accessionLine(accession)}
Names: ${stem}.<type>.<level>[.<region>].fa.gz

type   dna     all bases in upper case
       dna_sm  repeats in lower case
       dna_rm  repeats as N
level  toplevel            all regions of the other levels
       chromosome.<region> one chromosome (the word is the name of the assembly's first coordinate system)
       nonchromosomal      regions that are not placed on a chromosome, longest first
       alt                 patches and alternative regions, where there are any
       primary_assembly    all regions but those of alt, where there are any

Headers: ><region> <type>:<coordinate system> <coordinate system>:<assembly>:<region>:<start>:<end>:<strand> <REF or kind>

${shared}`
}

export function dnaIndexReadme (stem: string, accession?: string): string {
  return `Genome sequence of ${stem} for reading from any place.
${accessionLine(accession)}
${stem}.dna.toplevel.fa.gz      what dna/ has under this name, compressed by bgzip
${stem}.dna.toplevel.fa.gz.fai  where each region begins, for samtools faidx and the like
${stem}.dna.toplevel.fa.gz.gzi  where each compressed block begins

An id that is there twice is in the .fai once.

${shared}`
}

const accessionLine = (accession: string | undefined): string => accession === undefined ? '' : `\n${accession}\n`

const contents = {
  pep: ['Protein sequences', 'pep.all', '<translation> pep <location> gene:<gene> transcript:<transcript>'],
  cds: ['Coding sequences', 'cds.all', '<transcript> cds <location> gene:<gene>'],
  cdna: [
    'Transcript sequences of coding genes and pseudogenes',
    'cdna.all',
    '<transcript> cdna <location> gene:<gene>'
  ],
  ncrna: ['Transcript sequences of non-coding genes', 'ncrna', '<transcript> ncrna <location> gene:<gene>']
} as const

/** `hasPredictions` where the folder has a file of predicted transcripts too. */
export function transcriptReadme (stem: string, type: keyof typeof contents, hasPredictions = false): string {
  const [title, level, header] = contents[type]
  const predictions = `Name: ${stem}.${type}.abinitio.fa.gz, of transcripts that a program foresees

Headers: ><label> ${type} <location> ${type === 'pep' ? 'transcript:<label> ' : ''}transcript_biotype:protein_coding

`
  return `${title} of ${stem}.

${hasPredictions ? predictions : ''}Name: ${stem}.${level}.fa.gz

Headers: >${header} gene_biotype:<biotype> transcript_biotype:<biotype>
         [gene_symbol:<symbol>] [description:<description>]
         <location> is <coordinate system>:<assembly>:<region>:<start>:<end>:<strand> of the transcript

${shared}`
}

const flatContents = {
  gff3: ['gff3.gz', 'GFF3: genes, transcripts, exons, CDS and untranslated parts, region by region, by place'],
  gtf: ['gtf.gz', 'GTF: the same; a CDS ends before its stop codon'],
  embl: ['embl.dat.gz', 'EMBL: a record for each region, with the genes as its feature table and the sequence'],
  genbank: ['genbank.dat.gz', 'GenBank: a record for each region, with the genes as its feature table and the sequence']
} as const

export function flatReadme (stem: string, format: keyof typeof flatContents): string {
  const [ending, title] = flatContents[format]
  return `${title}.

Name: ${stem}.${ending}

IDs have their version behind a dot, where there is one. CHECKSUMS holds, for each file, the sum and the number of 1024-byte blocks that
BSD "sum" gives.
`
}
