import { Sheet } from './sheet.tsx'

const KEYS: Array<[keys: string, does: string]> = [
  ['/', 'search'],
  ['?', 'this list'],
  [
    'g then o f e p s b n k',
    'go to Overview, Failures, Events, Processes, Schedules, Backfills, Submit (new), Blocks'
  ],
  ['j k', 'next and previous row'],
  ['x', 'select the row'],
  ['Enter', 'open it'],
  ['Esc', 'close, leave a field'],
  ['← → ↑ ↓', 'in a tree: parent, child, siblings'],
  ['t', 'tree, timeline, table'],
  ['r', 'retry'],
  ['c', 'cancel'],
  ['d', 'dismiss'],
  ['l', 'log over the whole page'],
  ['.', 'live on and off']
]

export function Help ({ close }: { close: () => void }) {
  return (
    <Sheet title='Keys' close={close}>
      <dl class='keys'>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class='soft'>All of it has a button, too. While you type in a field no key does anything but Esc.</p>
    </Sheet>
  )
}
