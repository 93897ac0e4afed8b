import type { ComponentChildren } from 'preact'
import { place, to } from './lib/router.ts'
import { session, signIn } from './lib/session.ts'
import { BackfillPage } from './pages/backfill.tsx'
import { Backfills } from './pages/backfills.tsx'
import { Blocks } from './pages/blocks.tsx'
import { Council } from './pages/council/council.tsx'
import { MeetingPage } from './pages/council/meeting.tsx'
import { EventPage } from './pages/event/event.tsx'
import { Events } from './pages/events.tsx'
import { Failures } from './pages/failures.tsx'
import { JobPage } from './pages/job/job.tsx'
import { Overview } from './pages/overview.tsx'
import { ProcessPage } from './pages/process.tsx'
import { Processes } from './pages/processes.tsx'
import { Schedules } from './pages/schedules.tsx'
import { Subject } from './pages/subject.tsx'
import { Submit } from './pages/submit/submit.tsx'
import { Frame, useTitle } from './parts/frame.tsx'
import { SignIn } from './parts/sign-in.tsx'

type Page = (parts: string[]) => ComponentChildren

/** First part of the path → its page. */
const PAGES: Record<string, Page> = {
  '': () => <Overview />,
  failures: () => <Failures />,
  events: ([id]) => (id === undefined ? <Events /> : <EventPage key={id} id={id} />),
  jobs: ([process = '', id = '']) => <JobPage key={id} process={process} id={id} />,
  processes: ([name]) => (name === undefined ? <Processes /> : <ProcessPage key={name} name={name} />),
  schedules: () => <Schedules />,
  backfills: ([id]) => (id === undefined ? <Backfills /> : <BackfillPage key={id} id={id} />),
  council: ([id]) => (id === undefined ? <Council /> : <MeetingPage key={id} id={id} />),
  submit: () => <Submit />,
  subjects: ([name = '']) => <Subject key={name} name={name} />,
  blocks: () => <Blocks />,
  'sign-in': () => <Overview />
}

export function App () {
  if (session.value === undefined) return <SignIn problem={signIn.value?.problem ?? ''} />
  const [first = '', ...rest] = place.value.path.slice(1).split('/').map(decode)
  const page = Object.hasOwn(PAGES, first) ? PAGES[first] : undefined
  return <Frame>{page === undefined ? <NoPage /> : page(rest)}</Frame>
}

function NoPage () {
  useTitle('No such page')
  return (
    <p class='empty'>
      There is no such page. <a href={to('')}>To the overview</a>
    </p>
  )
}

function decode (part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
