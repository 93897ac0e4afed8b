import type { Notice } from './notice.ts'
import { facts, headline, reasonLines } from './text.ts'

const CIRCLES = { complete: '🟢', failed: '🔴', cancelled: '⚪' } as const

/** The message of an incoming webhook, of the fields that Slack and those who imitate it have in common. */
export function toSlackMessage (notice: Notice, link: string): { text: string } {
  const beside = facts(notice)
    .filter(([name]) => name === 'Version' || name === 'Host')
    .map(([name, value]) => `${name.toLowerCase()} ${value}`)
  const lines = [
    `${CIRCLES[notice.status]} ${escape(headline(notice))}`,
    ...reasonLines(notice).flatMap((line) => line.split('\n')).map((line) => `> ${escape(line)}`),
    ...(beside.length === 0 ? [] : [escape(beside.join(' · '))]),
    `<${link}|event ${escape(notice.event.type)}>`
  ]
  return { text: lines.join('\n') }
}

/** Also keeps a reason from calling everybody by `<!channel>`. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
