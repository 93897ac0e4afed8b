import t from 'tap'
import { readMeeting } from '../../../../src/pipelines/councils/meeting-view.ts'
import { gatheredFile } from '../../../../src/pipelines/councils/meetings/gathered.ts'
import { writeJson } from '../../../../src/pipelines/councils/model/documents.ts'
import type { EventMinutesItem } from '../../../../src/pipelines/councils/model/model.ts'
import type { Sentence } from '../../../../src/pipelines/councils/model/transcript.ts'
import { placeSections, updateSections, withSections } from '../../../../src/pipelines/councils/session/sections.ts'
import { openStore } from '../../../../src/sdk/store/open.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { tell } from '../fixtures/told.ts'

const sentencesOf = (...texts: string[]): Sentence[] => texts.map((text, index) => ({ index, confidence: 1, start_time: index * 5, end_time: index * 5 + 5, words: [], text, speaker_index: null, speaker_name: null, annotations: null }))

/** An item with the number of a bill and its long title, or the name alone. */
function item (name: string, title?: string): EventMinutesItem {
  const matter = title === undefined ? null : { name, matter_type: 'Council Bill', title, result_status: null, sponsors: [], external_source_id: null }
  return { minutes_item: { name, description: title ?? null, external_source_id: null }, index: null, matter, supporting_files: [], decision: null, votes: [] }
}

const placed = (sentences: Sentence[], items: EventMinutesItem[]): Array<[string, number, number]> => placeSections(sentences, items).map(({ name, start_sentence_index: start, stop_sentence_index: stop }) => [name, start, stop])

const AGENDA = [
  item('Approval of the Minutes'),
  item('CB 120345', 'AN ORDINANCE relating to the sale of Pier Nine; authorizing the Director of Finance to convey the property'),
  item('Res 32011', 'A RESOLUTION setting the rates of the ferry to Gull Island for next year'),
  item('Adjournment')
]

t.test('items begin where the clerk reads their number or their title', async (t) => {
  const sentences = sentencesOf(
    'Good evening.',
    'Approval of the minutes.',
    'Are there objections?',
    'We will come to Council Bill 120345 and to the ferry tonight.',
    'Will the clerk read item one?',
    'CB 120345, an ordinance relating to the sale of Pier Nine.',
    'Authorizing the Director of Finance to convey the property.',
    'I move to amend it.',
    'A resolution setting the rates of the ferry to Gull Island.',
    'For next year.',
    'Adjournment.'
  )
  t.same(placed(sentences, AGENDA), [['Approval of the Minutes', 1, 5], ['CB 120345', 5, 8], ['Res 32011', 8, 10], ['Adjournment', 10, 11]])
  const [, bill] = placeSections(sentences, AGENDA)
  t.match(bill, { description: /^AN ORDINANCE relating/, generator: 'Signalbox sections 1.0.0 -- titles that are read aloud' })
})

t.test('what nobody reads has no place, and a mention before its turn is none', async (t) => {
  t.same(placed(sentencesOf('Good evening.', 'We talk about the pier and about the weather.', 'Thank you.'), AGENDA), [])
  const early = sentencesOf(
    'A resolution on the rates of the ferry to Gull Island comes next year, and Resolution 32011 is its name.',
    'Council Bill 120345.',
    'Resolution 32011.'
  )
  t.same(placed(early, AGENDA), [['CB 120345', 1, 2], ['Res 32011', 2, 3]])
  t.same(placed(sentencesOf('Before the adjournment of this meeting I want to thank everybody who came and stayed so late tonight.'), AGENDA), [], 'a short title must stand alone')
})

t.test('a transcript keeps sections that people have set, and gets anew those that were made', async (t) => {
  const transcript = { generator: 'x', confidence: 1, session_datetime: null, created_datetime: '2024-01-01T00:00:00Z', sentences: sentencesOf('Council Bill 120345.', 'Adjournment.'), annotations: null }
  const made = withSections(transcript, AGENDA)
  t.equal(made.annotations?.sections?.length, 2)
  t.same(withSections(made, AGENDA), made)
  t.equal(withSections(made, []).annotations, null)
  const own = { ...transcript, annotations: { sections: [{ name: 'Opening', start_sentence_index: 0, stop_sentence_index: 2, generator: 'the clerk', description: null }] } }
  t.same(withSections(own, AGENDA), own)
})

t.test('a meeting tells at which second of which session an item is taken up, and follows its record', async (t) => {
  const { signal } = new AbortController()
  const store = openStore(`file:${temporaryFolder(t)}`)
  const id = await tell(store, 'pier', { at: 1.7e9, sentences: ['Good evening.', 'Council Bill 120345.', 'I move to amend it.', 'Adjournment.'], isPlaced: true })
  const record = async (items: EventMinutesItem[]): Promise<void> => { await writeJson(store, gatheredFile(id), { event_id: id, event_datetime: 1.7e9, event: { event_minutes_items: items }, event_digest: '', session_digests: [] }) }
  await record(AGENDA)
  t.equal(await updateSections(store, id, AGENDA, signal), 1)
  t.equal(await updateSections(store, id, AGENDA, signal), 0, 'the same again changes nothing')
  t.same((await readMeeting(store, id))?.items.map(({ name, session_index: index, start_time: start }) => [name, index, start]), [['Approval of the Minutes', null, null], ['CB 120345', 0, 10], ['Res 32011', null, null], ['Adjournment', 0, 30]])
  await record(AGENDA.slice(0, 1))
  await updateSections(store, id, AGENDA.slice(0, 1), signal)
  t.same((await readMeeting(store, id))?.items.map(({ start_time: start }) => start), [null])
})
