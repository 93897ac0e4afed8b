import { readMarkdown, type Block, type Inline } from '../lib/markdown.ts'
import { visible } from '../lib/visible.ts'

/** A text of others in Markdown, as elements of its few forms. */
export function Markdown ({ text }: { text: string }) {
  return (
    <div class='markdown'>
      {readMarkdown(text).map((block, i) => (
        <Part key={i} of={block} />
      ))}
    </div>
  )
}

function Part ({ of }: { of: Block }) {
  if (of.kind === 'code') return <pre tabIndex={0}>{visible(of.text)}</pre>
  if (of.kind === 'list') {
    return (
      <ul>
        {of.items.map((item, i) => (
          <li key={i}>
            <Line of={item} />
          </li>
        ))}
      </ul>
    )
  }
  return (
    <p class={of.kind}>
      <Line of={of.line} />
    </p>
  )
}

function Line ({ of }: { of: Inline[] }) {
  return (
    <>
      {of.map(({ kind, text }, i) => {
        if (kind === 'bold') return <strong key={i}>{visible(text)}</strong>
        return kind === 'code' ? <code key={i}>{visible(text)}</code> : <span key={i}>{visible(text)}</span>
      })}
    </>
  )
}
