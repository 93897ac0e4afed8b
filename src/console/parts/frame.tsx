import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useLoad } from '../lib/load.ts'
import { helpIsOpen } from '../lib/keys.ts'
import { notice } from '../lib/notice.ts'
import { place, to } from '../lib/router.ts'
import { api, leave, session } from '../lib/session.ts'
import { text } from '../lib/text.ts'
import { clock, now, zone } from '../lib/time.ts'
import { Help } from './help.tsx'
import { Search } from './search.tsx'
import { Lamp } from './sign-in.tsx'

const PAGES = [
  ['', 'Overview'],
  ['failures', 'Failures'],
  ['events', 'Events'],
  ['processes', 'Processes'],
  ['schedules', 'Schedules'],
  ['backfills', 'Backfills'],
  ['submit', 'Submit'],
  ['blocks', 'Blocks'],
  ['council', 'Meetings']
] as const

const READY_MS = 10_000

/** What stands around every page. */
export function Frame ({ children }: { children: ComponentChildren }) {
  const ready = useLoad('ready', () => api().ready(), { everyMs: READY_MS })
  const isAway = ready.error !== undefined || ready.data?.ready === false
  return (
    <div class='frame'>
      <a class='skip' href='#main'>
        To the content
      </a>
      <nav class='rail' aria-label='Pages'>
        <a class='brand' href={to('')} aria-label='Signalbox'>
          <Lamp />
          <span>Signalbox</span>
        </a>
        <ul>
          {PAGES.map(([page, name]) => (
            <li key={page}>
              <PageLink page={page} name={name} />
            </li>
          ))}
        </ul>
        <p class='foot'>
          <a href='/docs'>API</a> <a href='/board'>Queues</a>
        </p>
      </nav>
      <header class='top'>
        <Search />
        <span class={isAway ? 'state bad' : 'state good'}>
          <span aria-hidden='true'>{isAway ? '✖' : '●'}</span> {isAway ? 'not ready' : 'ready'}
        </span>
        <time class='clock' title={new Date(now.value).toISOString()}>
          {clock(now.value)} <span class='soft'>{zone}</span>
        </time>
        <Who />
        <button
          type='button'
          class='quiet'
          aria-label='Keys of the keyboard'
          onClick={() => {
            helpIsOpen.value = true
          }}
        >
          ?
        </button>
      </header>
      <main id='main' tabIndex={-1}>
        {isAway && (
          <p class='note bad' role='alert'>
            {text.away} {ready.error?.message ?? ready.data?.backend}
          </p>
        )}
        {ready.data !== undefined && ready.data.lookups !== 'ok' && (
          <p class='note warn' role='status'>
            {text.lookups} {ready.data.lookups}
          </p>
        )}
        {children}
      </main>
      <p class={`notice ${notice.value?.tone ?? ''}`} role='status' aria-live='polite'>
        {notice.value?.text}
      </p>
      {helpIsOpen.value && (
        <Help
          close={() => {
            helpIsOpen.value = false
          }}
        />
      )}
    </div>
  )
}

function PageLink ({ page, name }: { page: string, name: string }) {
  const [first = ''] = place.value.path.slice(1).split('/')
  const isHere = first === page || (page === 'events' && (first === 'jobs' || first === 'subjects'))
  return (
    <a href={to(page)} aria-current={isHere ? 'page' : undefined}>
      {name}
    </a>
  )
}

function Who () {
  const who = session.value
  if (who === undefined || !who.key_needed) return null
  const isReader = !who.scopes.includes('operate')
  return (
    <span class='who'>
      <span title={`may: ${who.scopes.join(', ')}`}>
        {who.name}
        {isReader && <small> reads</small>}
      </span>
      <button
        type='button'
        class='quiet'
        onClick={() => {
          void leave()
        }}
      >
        Sign out
      </button>
    </span>
  )
}

/** The title of the tab says what is shown, and how it stands. */
export function useTitle (title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Signalbox' : `${title} · Signalbox`
  }, [title])
}
