import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import { useLoad } from '../lib/load.ts'
import { done } from '../lib/notice.ts'
import { api } from '../lib/session.ts'
import type { BlockKindView, BlockView } from '../../schemas/blocks.ts'
import { Action } from '../parts/action.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { PutBlock } from './put-block.tsx'

/** Named configuration: what there is and who uses it, never a secret. */
export function Blocks () {
  useTitle('Blocks')
  const [put, setPut] = useState<Partial<BlockView> | undefined>(undefined)
  const [removed, setRemoved] = useState<BlockView | undefined>(undefined)
  const load = useLoad('blocks', async () => {
    const [blocks, kinds] = await Promise.all([api().blocks(), api().blockKinds()])
    return { blocks: blocks.items, kinds: kinds.items }
  })
  return (
    <>
      <div class='page-head'>
        <h1>Blocks</h1>
        <Action
          scope='blocks'
          run={() => {
            setPut({})
          }}
        >
          New block
        </Action>
      </div>
      <Shown load={load}>
        {({ blocks, kinds }) => (
          <>
            <List blocks={blocks} put={setPut} remove={setRemoved} />
            <Kinds kinds={kinds} />
            {put !== undefined && (
              <PutBlock
                block={put}
                kinds={kinds}
                close={() => {
                  setPut(undefined)
                  load.reload()
                }}
              />
            )}
            {removed !== undefined && (
              <Remove
                block={removed}
                close={() => {
                  setRemoved(undefined)
                  load.reload()
                }}
              />
            )}
          </>
        )}
      </Shown>
    </>
  )
}

type ListProps = { blocks: BlockView[], put: (block: BlockView) => void, remove: (block: BlockView) => void }

function List ({ blocks, put, remove }: ListProps) {
  return (
    <section class='panel' aria-label='Blocks'>
      {blocks.length === 0 && <Empty>There is no block yet.</Empty>}
      {blocks.length > 0 && (
        <div class='scroll'>
          <table class='cards'>
            <thead>
              <tr>
                <th>Name</th>
                <th>Kind</th>
                <th>Fields</th>
                <th>Used by</th>
                <th>Changed</th>
                <th>
                  <span class='hidden'>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {blocks.map((block) => (
                <tr key={`${block.kind}/${block.name}`} data-row>
                  <td>
                    {block.name}
                    {block.key !== 'current' && <strong class='bad'> key {block.key}</strong>}
                  </td>
                  <td data-name='kind'>{block.kind}</td>
                  <td data-name='fields'>
                    {Object.entries(block.value)
                      .map(([field, value]) => (value === '***' ? `${field} (secret)` : field))
                      .join(', ')}
                  </td>
                  <td data-name='used by'>
                    {block.used_by.length === 0 ? <span class='soft'>nothing</span> : block.used_by.join(', ')}
                  </td>
                  <td data-name='changed'>
                    <Ago at={block.updated} />
                  </td>
                  <td class='row'>
                    <Action
                      scope='blocks'
                      label={`Replace ${block.name}`}
                      run={() => {
                        put(block)
                      }}
                    >
                      Replace
                    </Action>
                    <Action
                      scope='blocks'
                      tone='danger'
                      label={`Remove ${block.name}`}
                      run={() => {
                        remove(block)
                      }}
                    >
                      Remove
                    </Action>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Kinds ({ kinds }: { kinds: BlockKindView[] }) {
  return (
    <details class='panel'>
      <summary class='pad'>{kinds.length} kinds of blocks</summary>
      <dl class='facts pad'>
        {kinds.map(({ kind, description }) => (
          <Fragment key={kind}>
            <dt>{kind}</dt>
            <dd>{description}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  )
}

function Remove ({ block: { kind, name, used_by: users }, close }: { block: BlockView, close: () => void }) {
  const remove = async (): Promise<void> => {
    await api().removeBlock(kind, name, { force: users.length > 0 })
    done(`${name} is removed`)
    close()
  }
  return (
    <Sheet title={`Remove ${kind}/${name}`} close={close}>
      <p>
        {users.length === 0
          ? (
              'Nothing refers to it.'
            )
          : (
            <strong class='bad'>Still used by {users.join(', ')}, which will fail.</strong>
            )}{' '}
        This cannot be undone.
      </p>
      <p class='row'>
        <Action scope='blocks' tone='danger' run={remove}>
          Remove
        </Action>
        <button type='button' autofocus onClick={close}>
          Leave it
        </button>
      </p>
    </Sheet>
  )
}
