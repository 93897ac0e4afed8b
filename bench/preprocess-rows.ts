/** How many documents there are, how many of them are federal with a PDF, and how long the texts of the others are on average. */
export type Made = { documents: number, pdfs: number, characters: number }

type Row = Record<string, unknown>

const WORDS = [
  'Der Regierungsrat unterbreitet dem Kantonsrat einen Entwurf zur Änderung des Steuergesetzes und lädt alle Parteien Gemeinden sowie interessierte Kreise zur Vernehmlassung ein',
  'Le Conseil d’État soumet au Grand Conseil un projet de modification de la loi sur les impôts et invite les communes ainsi que tous les milieux intéressés à se prononcer',
  'Il Consiglio di Stato sottopone al Gran Consiglio un progetto di modifica della legge sulle imposte e invita i comuni nonché tutte le cerchie interessate a esprimersi'
].map((sentence) => sentence.split(' '))
const LANGUAGES = ['de', 'fr', 'it']
const CANTONS = ['ag', 'be', 'ge', 'ti', 'vd', 'zh']

const uuidOf = (i: number): string => `1C${String(i).padStart(20, 'a')}`
const isFederal = (i: number, { documents, pdfs }: Made): boolean => Math.floor((i + 1) * pdfs / documents) > Math.floor(i * pdfs / documents)

/** Words of one language in an order of chance, which is the same every time. */
function textOf (i: number, length: number): string {
  const words = WORDS[i % WORDS.length] as string[]
  let state = i + 1
  let text = ''
  while (text.length < length) {
    state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0
    text += `${words[(state >>> 16) % words.length]} `
  }
  return text
}

export function * documentsOf (made: Made): Generator<Row> {
  for (let i = 0; i < made.documents; i++) {
    const federal = isFederal(i, made)
    yield {
      document_id: i,
      document_uuid: uuidOf(i),
      consultation_identifier: `c${Math.floor(i / 5)}`,
      consultation_start_date: '2024-05-01',
      consultation_end_date: '2024-09-01',
      consultation_title: textOf(i, 80),
      consultation_description: textOf(Math.floor(i / 5), 1000),
      consultation_url: `https://www.demokratis.ch/vernehmlassung/c${Math.floor(i / 5)}`,
      consultation_topics: 'law, economics, public_finance',
      consultation_internal_tags: i % 3 === 0 ? [{ name: 'topics_reviewed', created_at: '2024-11-19 13:45:25' }] : null,
      organisation_uuid: '1Corganisation',
      organisation_name: 'Regierungsrat',
      political_body: federal ? 'ch' : CANTONS[i % CANTONS.length],
      document_source_url: `https://example.org/${i}.pdf`,
      document_publication_date: '2024-05-02',
      document_type: 'LETTER',
      document_language: 'de',
      document_title: federal ? null : textOf(i, 40),
      latest_stored_file_uuid: federal ? `1F${i}` : null
    }
  }
}

/** Lengths from a tenth of the average to nearly twice as much. */
export function * contentsOf (made: Made): Generator<Row> {
  for (let i = 0; i < made.documents; i++) if (!isFederal(i, made)) yield { document_uuid: uuidOf(i), document_content: textOf(i, made.characters * (0.1 + 1.8 * (i % 101) / 101)) }
}

export function * filesOf (made: Made): Generator<Row & { path: string, uuid: string }> {
  for (let i = 0; i < made.documents; i++) if (isFederal(i, made)) yield { uuid: `1F${i}`, type: 'consultation_document', path: `2024/${Math.floor(i / 1000)}/${i}/1F${i}.pdf`, size: 1000, mime_type: 'application/pdf', file_hash: 'a'.repeat(40), file_name: `${i}.pdf` }
}

export const pdfText = (uuid: string): string => `${uuid} ${textOf(Number(uuid.slice(2)) % 3 === 0 ? 0 : 2, 3000).replace(/[^ -~]/g, '')} ${LANGUAGES[0]}`
