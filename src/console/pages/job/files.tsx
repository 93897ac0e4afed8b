import { useLoad } from '../../lib/load.ts'
import { api } from '../../lib/session.ts'
import { visible } from '../../lib/visible.ts'

/** What a job has written to the store. */
export function Files ({ process, id, status }: { process: string, id: string, status: string }) {
  const files = useLoad(`files ${id} ${status}`, () => api().listJobFiles(process, id, { limit: 200 }))
  const { data } = files
  if (data === undefined || data.items.length === 0) return null
  const left = data.unlisted + (data.next === null ? 0 : 1)
  return (
    <details>
      <summary>
        {data.items.length}
        {left > 0 ? '+' : ''} files, {sizeOf(data.items.reduce((sum, { size }) => sum + size, 0))}
      </summary>
      <ul class='plain-list'>
        {data.items.map(({ name, size, link }) => (
          <li key={name}>
            {isLink(link)
              ? (
                <a href={link} download>
                  {visible(name)}
                </a>
                )
              : (
                  visible(name)
                )}{' '}
            <span class='soft'>{sizeOf(size)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Nothing but a path of this service or an address of an object store is made a link. */
const isLink = (link: string): boolean => /^(\/(?!\/)|https?:\/\/)/.test(link)

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

function sizeOf (bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`
}
