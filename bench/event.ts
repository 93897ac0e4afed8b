/** The event that all rounds post: about 300 bytes of JSON. Each has a subject of its own, as genomes have. */
export function newEvent (subject: string): { type: string, subject: string, data: Record<string, unknown> } {
  return {
    type: 'bench',
    subject,
    data: {
      assembly: 'GCA_000001405.29',
      species: 'homo_sapiens',
      division: 'EnsemblVertebrates',
      release: 116,
      fasta: 'ftp://ftp.example.org/pub/release-116/fasta/homo_sapiens/dna/toplevel.fa.gz',
      coord_system: { 1: 'chromosome', 2: 'chromosome', X: 'chromosome', MT: 'chromosome' }
    }
  }
}

export const PROCESSES = ['bench_a', 'bench_b']
export const EVENTS_QUEUE = 'events'
/** Of the floor: an event and its two follow-on events, each a record that is closed when it has ended. */
export const RECORDS_PER_EVENT = 3
