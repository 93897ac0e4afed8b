import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoad } from '../../lib/load.ts'
import { field, setQuery, to } from '../../lib/router.ts'
import { clock, day } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import { useTitle } from '../../parts/frame.tsx'
import { Empty, Shown } from '../../parts/shown.tsx'
import { Agenda } from './agenda.tsx'
import { readMeeting, type Meeting, type Session } from './answers.ts'
import { Transcript } from './transcript.tsx'
import { Within } from './within.tsx'

/** A meeting with its video, the transcript that follows it, its agenda and its votes. */
export function MeetingPage ({ id }: { id: string }) {
  const load = useLoad(`meeting ${id}`, async () => await readMeeting(id))
  useTitle(load.data === undefined ? 'Meeting' : visible(load.data.body))
  return <Shown load={load}>{(meeting) => <Parts meeting={meeting} />}</Shown>
}

function Parts ({ meeting }: { meeting: Meeting }) {
  const { event_id: id, event_datetime: at, body, sessions, agenda_uri: agenda, minutes_uri: minutes } = meeting
  const session = sessions.find((one) => one.session_index === Number(field('session'))) ?? sessions[0]
  const video = useRef<HTMLVideoElement>(null)
  const asked = Number(field('t')) || 0
  const [second, setSecond] = useState(asked)
  useEffect(() => {
    setSecond(asked)
    if (video.current !== null) video.current.currentTime = asked
  }, [asked])
  const seek = (to: number): void => {
    setQuery({ t: String(Math.round(to * 100) / 100) })
    void video.current?.play().catch(() => {})
  }
  return (
    <>
      <div class='page-head'>
        <h1>{visible(body)}</h1>
        <time dateTime={at}>{day(at)} {at.slice(0, 4)}, {clock(at)}</time>
        {agenda !== null && <Outside href={agenda}>Agenda</Outside>}
        {minutes !== null && <Outside href={minutes}>Minutes</Outside>}
        <a href={to('council')}>All meetings</a>
      </div>
      {sessions.length > 1 && <Sessions sessions={sessions} shown={session} />}
      <div class='two'>
        <div class='shown'>
          {session === undefined
            ? <Empty>Nothing of this meeting is transcribed yet.</Empty>
            : <Video key={session.session_id} of={session} video={video} begin={asked} tell={setSecond} />}
          <Agenda items={meeting.items} session={session?.session_index} seek={seek} />
        </div>
        {session !== undefined && (
          <div class='shown'>
            <Within id={id} />
            <Transcript id={id} session={session.session_index} second={second} seek={seek} />
          </div>
        )}
      </div>
    </>
  )
}

/** Addresses come from the city's system: only those of the web are links. */
function Outside ({ href, children }: { href: string, children: string }) {
  return /^https?:/i.test(href) ? <a href={href} target='_blank' rel='noreferrer'>{children}</a> : null
}

function Sessions ({ sessions, shown }: { sessions: Session[], shown: Session | undefined }) {
  return (
    <p class='row'>
      {sessions.map(({ session_index: index }) => (
        <button
          key={index}
          type='button'
          aria-pressed={index === shown?.session_index}
          onClick={() => { setQuery({ session: String(index), t: '' }) }}
        >
          Session {index + 1}
        </button>
      ))}
    </p>
  )
}

type VideoProps = { of: Session, video: RefObject<HTMLVideoElement>, begin: number, tell: (second: number) => void }

function Video ({ of: { video_uri: uri }, video, begin, tell }: VideoProps) {
  useEffect(() => {
    if (video.current !== null && begin > 0) video.current.currentTime = begin
  }, [])
  if (!/^https?:/i.test(uri)) return <p class='note'>The video lies in the store of this service: {visible(uri)}</p>
  return (
    <video
      ref={video}
      class='video'
      src={uri}
      controls
      preload='metadata'
      aria-label='Video of the meeting'
      onTimeUpdate={(event) => { tell(event.currentTarget.currentTime) }}
    />
  )
}
