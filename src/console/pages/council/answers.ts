import type { SearchAnswer } from '../../../client/answers.ts'
import { api } from '../../lib/session.ts'

/** What the queries of council meetings answer, as far as the pages show it. */

export type Vote = { person: string, decision: string }
export type Item = {
  name: string
  description: string | null
  decision: string | null
  matter: string | null
  votes: Vote[]
  session_index: number | null
  start_time: number | null
}
export type Session = { session_id: string, session_index: number, video_uri: string, sentences: number }
export type Meeting = {
  event_id: string
  event_datetime: string
  body: string
  agenda_uri: string | null
  minutes_uri: string | null
  sessions: Session[]
  items: Item[]
}
export type Sentence = { index: number, start_time: number, text: string, speaker_name?: string | null }
export type MeetingTranscript = { transcript: { sentences: Sentence[] } | null }

export const readMeeting = async (id: string): Promise<Meeting> => await api().query<Meeting>('meeting', { id })

export async function readTranscript (id: string, session: number): Promise<Sentence[]> {
  const { transcript } = await api().query<MeetingTranscript>('transcript', { id, session })
  return transcript?.sentences ?? []
}

export const search = async (params: Record<string, string | number>): Promise<SearchAnswer> =>
  await api().query<SearchAnswer>('search', params)

/** `1:02:03` of seconds. */
export function clockOf (seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (number: number): string => String(number).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}
