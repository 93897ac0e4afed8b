import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoad } from '../../lib/load.ts'
import { useKeys } from '../../lib/keys.ts'
import { api } from '../../lib/session.ts'
import { beginning } from '../../lib/visible.ts'
import { Sheet } from '../../parts/sheet.tsx'
import { Shown } from '../../parts/shown.tsx'

const MOST_LINES = 1000
const MOST_SIGNS = 2000
const FOLLOW_MS = 1500

type Props = { process: string, id: string, isOver: boolean }

/** What a job has written: the end of it, followed while it runs. */
export function Log ({ process, id, isOver }: Props) {
  const [isFull, setFull] = useState(false)
  useKeys({
    l: () => {
      setFull(true)
    }
  })
  return (
    <div>
      <div class='row'>
        <h2>Log</h2>
        <button
          type='button'
          class='quiet'
          onClick={() => {
            setFull(true)
          }}
        >
          Whole page
        </button>
      </div>
      {!isFull && <Lines process={process} id={id} isOver={isOver} />}
      {isFull && (
        <Sheet
          title={`Log of ${process}`}
          isWide
          close={() => {
            setFull(false)
          }}
        >
          <Lines process={process} id={id} isOver={isOver} />
        </Sheet>
      )}
    </div>
  )
}

function Lines ({ process, id, isOver }: Props) {
  const [follows, setFollows] = useState(true)
  const [isWrapped, setWrapped] = useState(true)
  const [wanted, setWanted] = useState('')
  const isAsked = follows && !isOver
  const log = useLoad(
    `log ${id} ${String(isOver)}`,
    () => readEnd(process, id),
    isAsked ? { everyMs: FOLLOW_MS } : {}
  )
  return (
    <Shown load={log}>
      {({ lines, total }) => {
        const shown = wanted === '' ? lines : lines.filter((line) => line.includes(wanted))
        return (
          <>
            <div class='row'>
              <label class='check'>
                <input
                  type='checkbox'
                  checked={follows}
                  onChange={() => {
                    setFollows(!follows)
                  }}
                />
                follow
              </label>
              <label class='check'>
                <input
                  type='checkbox'
                  checked={isWrapped}
                  onChange={() => {
                    setWrapped(!isWrapped)
                  }}
                />
                wrap
              </label>
              <input
                type='search'
                aria-label='Find in the log'
                placeholder='find'
                value={wanted}
                onInput={(event) => {
                  setWanted(event.currentTarget.value)
                }}
              />
              <button
                type='button'
                class='quiet'
                onClick={() => {
                  save(process, id, lines)
                }}
              >
                Save
              </button>
              {total > lines.length && (
                <span class='soft'>
                  the last {lines.length} of {total} lines
                </span>
              )}
            </div>
            <Text lines={shown} isWrapped={isWrapped} follows={isAsked} />
          </>
        )
      }}
    </Shown>
  )
}

function Text ({ lines, isWrapped, follows }: { lines: string[], isWrapped: boolean, follows: boolean }) {
  const box = useRef<HTMLPreElement>(null)
  useEffect(() => {
    if (follows) box.current?.scrollTo(0, box.current.scrollHeight)
  }, [lines.length, follows])
  if (lines.length === 0) return <p class='soft'>Nothing was written.</p>
  return (
    <pre ref={box} class={isWrapped ? 'log wrap' : 'log'} tabIndex={0}>
      {lines.map((line, i) => (
        <div key={i}>{beginning(line, MOST_SIGNS)}</div>
      ))}
    </pre>
  )
}

async function readEnd (process: string, id: string): Promise<{ lines: string[], total: number }> {
  return await api().getJobLog(process, id, { tail: MOST_LINES })
}

function save (process: string, id: string, lines: string[]): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([lines.join('\n')], { type: 'text/plain' }))
  link.download = `${process}-${id}.log`
  link.click()
  URL.revokeObjectURL(link.href)
}
