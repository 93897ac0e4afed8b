import type { Column } from '../lib/figures.ts'
import { clock, day } from '../lib/time.ts'

type Props = { title: string, columns: Column[], say: (value: number) => string }

const [WIDTH, GAP, HEIGHT] = [10, 2, 100]

/** Columns over time: small enough to be drawn by hand, in the colours of the page. Read aloud it is a table. */
export function Plot ({ title, columns, say }: Props) {
  const most = Math.max(...columns.map(sumOf), 0)
  const [first, last] = [columns[0]?.at, columns.at(-1)?.at]
  return (
    <figure class='plot'>
      <figcaption>
        {title} {most > 0 && <span class='soft'>up to {say(most)}</span>}
      </figcaption>
      <svg viewBox={`0 0 ${columns.length * WIDTH} ${HEIGHT}`} preserveAspectRatio='none' aria-hidden='true'>
        {columns.map((column, i) => (
          <g key={column.at}>
            <rect class='ground' x={i * WIDTH} width={WIDTH} height={HEIGHT} />
            <Bars column={column} x={i * WIDTH + GAP / 2} most={most} />
            <title>{column.said}</title>
          </g>
        ))}
      </svg>
      {first !== undefined && last !== undefined && (
        <p class='row soft' aria-hidden='true'>
          <span>{label(first)}</span>
          <span class='spring'>{label(last)}</span>
        </p>
      )}
      <ol class='hidden' aria-label={title}>
        {columns.filter((column) => sumOf(column) > 0).map(({ at, said }) => (
          <li key={at}>{said}</li>
        ))}
      </ol>
    </figure>
  )
}

const sumOf = ({ parts }: Column): number => parts.reduce((sum, { value }) => sum + value, 0)
const label = (at: string): string => `${day(at)} ${clock(at)}`

function Bars ({ column: { parts }, x, most }: { column: Column, x: number, most: number }) {
  let top = HEIGHT
  return (
    <>
      {parts.filter(({ value }) => value > 0).map(({ tone, value }) => {
        // What is there is seen, however little it is.
        const height = Math.max(2, (value / most) * HEIGHT)
        top -= height
        return <rect key={tone} class={tone} x={x} y={top} width={WIDTH - GAP} height={height} />
      })}
    </>
  )
}
