import { useState } from 'preact/hooks'
import { beginning, visible } from '../lib/visible.ts'

/** A text of others, cut where it is long; all of it on request. */
export function Long ({ text, most = 2000 }: { text: string, most?: number }) {
  const [isWhole, setWhole] = useState(false)
  if (text.length <= most) return <>{visible(text)}</>
  return (
    <>
      {isWhole ? visible(text) : beginning(text, most)}{' '}
      <button
        type='button'
        class='quiet'
        onClick={() => {
          setWhole(!isWhole)
        }}
      >
        {isWhole ? 'less' : `all ${text.length.toLocaleString('en')} characters`}
      </button>
    </>
  )
}

/** A reason as it stands in a list: its beginning, in one piece. */
export function Reason ({ text }: { text: string | null }) {
  return text === null ? null : <span class='reason'>{beginning(text, 240)}</span>
}

/** A value as JSON. */
export function Value ({ of }: { of: unknown }) {
  const json = JSON.stringify(of, null, 2) ?? 'undefined'
  return (
    <pre class='value' tabIndex={0}>
      <Long text={json} most={6000} />
    </pre>
  )
}

/** An id: short to read, whole for whoever points at it. */
export const shortId = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-6)}`)
