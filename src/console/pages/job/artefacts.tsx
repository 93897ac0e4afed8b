import type { ArtefactView } from '../../../schemas/steps.ts'
import { visible } from '../../lib/visible.ts'
import { Markdown } from '../../parts/markdown.tsx'
import { Long } from '../../parts/text.tsx'

/** What a job shows beside its output. All of it is text of others. */
export function Artefacts ({ artefacts = [] }: { artefacts?: ArtefactView[] | undefined }) {
  return (
    <>
      {artefacts.map((artefact) => (
        <details key={`${artefact.step ?? ''} ${artefact.name}`} class='artefact' open={artefacts.length === 1}>
          <summary>
            {visible(artefact.name)}
            {artefact.kind === 'table' && `, ${artefact.total.toLocaleString('en')} rows`}
            {artefact.step !== undefined && <span class='soft'> of {visible(artefact.step)}</span>}
          </summary>
          <Content artefact={artefact} />
        </details>
      ))}
    </>
  )
}

function Content ({ artefact }: { artefact: ArtefactView }) {
  if (artefact.kind === 'link') return <Link url={artefact.url} />
  if (artefact.kind === 'table') return <Table artefact={artefact} />
  return (
    <>
      <Markdown text={artefact.text} />
      {artefact.is_cut && <p class='soft'>The text was longer.</p>}
    </>
  )
}

/** Nothing but an address of the web is made a link. */
function Link ({ url }: { url: string }) {
  if (!/^https?:\/\//i.test(url)) return <p class='id'>{visible(url)}</p>
  return (
    <p>
      <a class='id' href={url} target='_blank' rel='noreferrer noopener'>
        {visible(url)}
      </a>
    </p>
  )
}

function Table ({ artefact: { name, columns, rows, total } }: { artefact: ArtefactView & { kind: 'table' } }) {
  return (
    <>
      <div class='scroll' tabIndex={0} role='region' aria-label={visible(name)}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column}>{visible(column)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j} class={typeof cell === 'number' ? 'num' : undefined}>
                    <Long text={cell === null ? '' : String(cell)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > rows.length && <p class='soft'>The first {rows.length.toLocaleString('en')} rows are kept.</p>}
    </>
  )
}
