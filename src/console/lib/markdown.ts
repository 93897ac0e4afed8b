/** A piece of a line: plain, **bold**, or `code`. */
export type Inline = { kind: 'plain' | 'bold' | 'code', text: string }
export type Block =
  | { kind: 'heading' | 'paragraph', line: Inline[] }
  | { kind: 'list', items: Inline[][] }
  | { kind: 'code', text: string }

/**
 * A small part of Markdown: headings, lists, code, bold. All else is text as it was written, HTML and addresses too:
 * whoever draws it makes elements of these pieces and never HTML of the text.
 */
export function readMarkdown (text: string): Block[] {
  const blocks: Block[] = []
  let code: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*```/.test(line)) {
      if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n') })
      code = code === undefined ? [] : undefined
    } else if (code !== undefined) code.push(line)
    else addLine(blocks, line)
  }
  if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n') })
  return blocks
}

function addLine (blocks: Block[], line: string): void {
  if (line.trim() === '') return
  const heading = /^#{1,6}\s+(.*)$/.exec(line)
  if (heading !== null) {
    blocks.push({ kind: 'heading', line: readInline(heading[1] ?? '') })
    return
  }
  const item = /^\s*(?:[-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line)
  const last = blocks.at(-1)
  if (item === null) blocks.push({ kind: 'paragraph', line: readInline(line.trim()) })
  else if (last?.kind === 'list') last.items.push(readInline(item[1] ?? ''))
  else blocks.push({ kind: 'list', items: [readInline(item[1] ?? '')] })
}

function readInline (line: string): Inline[] {
  return line.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter((part) => part !== '').map((part): Inline => {
    if (/^\*\*[^*]+\*\*$/.test(part)) return { kind: 'bold', text: part.slice(2, -2) }
    return /^`[^`]+`$/.test(part) ? { kind: 'code', text: part.slice(1, -1) } : { kind: 'plain', text: part }
  })
}
