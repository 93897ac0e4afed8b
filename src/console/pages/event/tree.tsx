import { signal } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { fold } from '../../lib/fold.ts'
import { COLUMN, HEIGHT, layOut, WIDTH, type Layout, type Placed } from '../../lib/layout.ts'
import type { EventNode, LiveEvent } from '../../lib/live-event.ts'
import { field } from '../../lib/router.ts'
import { Node } from './node.tsx'

/** Nodes this far outside of what is seen are drawn, too. */
const MARGIN = 300
/** The smallest text is 9 px: a larger tree is scrolled, not shrunk. */
const SCALES = [0.7, 0.85, 1, 1.25, 1.5]

type Seen = { left: number, top: number, right: number, bottom: number }

export function Tree ({ live, top }: { live: LiveEvent, top: EventNode }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [scale, setScale] = useState(2)
  const frame = useRef<HTMLDivElement>(null)
  const [seen, look] = useSeen(frame, SCALES[scale] ?? 1)
  const layout = useMemo(() => layOut(fold(top, opened)), [top, live.shape.value, opened])
  const active = useMemo(() => signal(''), [top])
  const factor = SCALES[scale] ?? 1
  const shown = layout.nodes.filter((one) => isSeen(one, seen))
  const open = (key: string): void => {
    setOpened(new Set([...opened, key]))
  }
  useEffect(look, [layout, scale])
  useEffect(() => {
    showSelected(frame.current, layout, factor)
  }, [layout])
  return (
    <section class='panel' aria-label='Tree'>
      <div class='tree-bar row pad'>
        <span class='soft'>{layout.nodes.length} nodes</span>
        <span class='row spring'>
          <button
            type='button'
            aria-label='Smaller'
            disabled={scale === 0}
            onClick={() => {
              setScale(scale - 1)
            }}
          >
            −
          </button>
          <button
            type='button'
            aria-label='Larger'
            disabled={scale === SCALES.length - 1}
            onClick={() => {
              setScale(scale + 1)
            }}
          >
            +
          </button>
        </span>
      </div>
      <div ref={frame} class='canvas' tabIndex={0} onScroll={look}>
        <div
          role='tree'
          aria-label='What the event started and what came of it'
          class='plane'
          style={{ width: layout.width * factor, height: layout.height * factor }}
          onKeyDown={(event) => {
            walk(event, layout, active.value, frame.current)
          }}
        >
          <div
            style={{
              width: layout.width,
              height: layout.height,
              transform: `scale(${factor})`,
              transformOrigin: '0 0'
            }}
          >
            <Edges
              nodes={layout.nodes.filter(
                (one) => one.parent !== undefined && (isSeen(one, seen) || isSeen(one.parent, seen))
              )}
              layout={layout}
            />
            {shown.map((one) => (
              <Node
                key={one.drawn.key}
                placed={one}
                active={active}
                isFirst={one.parent === undefined}
                open={open}
              />
            ))}
          </div>
        </div>
      </div>
    </section>
  )
}

function Edges ({ nodes, layout: { width, height } }: { nodes: Placed[], layout: Layout }) {
  return (
    <svg width={width} height={height} aria-hidden='true'>
      {nodes.map(({ drawn, x, y, parent }) => {
        if (parent === undefined) return null
        const [fromX, fromY] = [parent.x + WIDTH, parent.y + HEIGHT / 2]
        const middle = fromX + (COLUMN - WIDTH) / 2
        return <path key={drawn.key} d={`M${fromX} ${fromY}H${middle}V${y + HEIGHT / 2}H${x}`} />
      })}
    </svg>
  )
}

/** What of the plane is seen, in its own measure. */
function useSeen (frame: { current: HTMLDivElement | null }, factor: number): [Seen, () => void] {
  const [seen, setSeen] = useState<Seen>({ left: 0, top: 0, right: innerWidth, bottom: innerHeight })
  const look = (): void => {
    const box = frame.current
    if (box === null) return
    const [left, top] = [box.scrollLeft / factor, box.scrollTop / factor]
    const next = { left, top, right: left + box.clientWidth / factor, bottom: top + box.clientHeight / factor }
    const isNear = Math.abs(next.top - seen.top) < MARGIN / 2 && Math.abs(next.left - seen.left) < MARGIN / 2
    if (
      !isNear ||
      Math.abs(next.bottom - seen.bottom) > MARGIN / 2 ||
      Math.abs(next.right - seen.right) > MARGIN / 2
    ) {
      setSeen(next)
    }
  }
  return [seen, look]
}

const isSeen = ({ x, y }: Placed, { left, top, right, bottom }: Seen): boolean =>
  y > top - MARGIN && y < bottom + MARGIN && x + WIDTH > left - MARGIN && x < right + MARGIN

function showSelected (box: HTMLDivElement | null, { nodes }: Layout, factor: number): void {
  const [top] = nodes
  const wanted = nodes.find(({ drawn }) => drawn.key === field('node')) ?? top
  if (box === null || wanted === undefined) return
  box.scrollTop = wanted.y * factor - box.clientHeight / 2
  box.scrollLeft = wanted === top ? 0 : wanted.x * factor - box.clientWidth / 2
}

/** Arrows: left to the parent, right to the first child, up and down among those of one level. */
function walk (event: KeyboardEvent, { nodes }: Layout, active: string, box: HTMLDivElement | null): void {
  const here = nodes.find(({ drawn }) => drawn.key === active) ?? nodes[0]
  if (here === undefined) return
  const level = nodes.filter(({ level }) => level === here.level)
  const at = level.indexOf(here)
  const next = {
    ArrowLeft: here.parent,
    ArrowRight: nodes.find(({ parent }) => parent === here),
    ArrowUp: level[at - 1],
    ArrowDown: level[at + 1]
  }[event.key]
  if (next === undefined) return
  event.preventDefault()
  focusNode(box, next)
}

/** A node that has come into view is there after so long. */
const DRAWN_MS = 30

function focusNode (box: HTMLDivElement | null, { drawn: { key }, x, y }: Placed): void {
  box?.scrollTo({ left: Math.max(0, x - 60), top: Math.max(0, y - box.clientHeight / 2) })
  // Drawn by then, as it is near what is seen now.
  setTimeout(() => {
    box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus()
  }, DRAWN_MS)
}
