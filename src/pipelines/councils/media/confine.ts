import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What a confined program sees of the machine: a folder that it may write to, and files that it may read. */
export type Sight = { program: string, folder: string, reads: string[] }

const BUBBLEWRAP = '/usr/bin/bwrap'
const UNSHARE = '/usr/bin/unshare'

/** Where programs and what they load lie. `/etc/alternatives` chooses between libraries on Debian. */
const SYSTEM = ['/lib', '/lib64', '/bin', '/etc/alternatives', '/etc/ld.so.cache', '/etc/fonts']

/**
 * The command to put before a program that reads what strangers made. With bubblewrap it has no network, sees no other
 * process, and of the files only its folder, what it reads, and the system's programs; with `unshare` alone it has no
 * network and sees no other process. Where the system has neither, or forbids them, as containers do: nothing.
 */
export async function confine (sight: Sight): Promise<string[]> {
  for (const command of [bubblewrap(sight), unshare()]) {
    if (await works(command)) return command
  }
  return []
}

function bubblewrap ({ program, folder, reads }: Sight): string[] {
  const system = SYSTEM.flatMap((path) => ['--ro-bind-try', path, path])
  const own = program.startsWith('/usr/') ? [] : ['--ro-bind', dirname(program), dirname(program)]
  const files = reads.flatMap((path) => ['--ro-bind', path, path])
  return [
    BUBBLEWRAP, '--unshare-all', '--die-with-parent', '--cap-drop', 'ALL',
    '--ro-bind', '/usr', '/usr', ...system, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp',
    ...own, ...files, '--bind', folder, folder, '--chdir', folder, '--'
  ]
}

const unshare = (): string[] => [
  UNSHARE, '--map-current-user', '--net', '--pid', '--mount', '--ipc', '--mount-proc', '--kill-child=KILL', '--'
]

async function works ([path = '', ...args]: string[]): Promise<boolean> {
  if (!await access(path, constants.X_OK).then(() => true, () => false)) return false
  return await new Promise((resolve) => {
    spawn(path, [...args, 'true'], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } })
      .once('close', (code) => { resolve(code === 0) })
      .once('error', () => { resolve(false) })
  })
}
