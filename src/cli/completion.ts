import { UsageError } from '../base/errors.ts'
import { EventClient } from '../client/event-client.ts'
import { optionsOf } from './arguments.ts'
import type { Command, CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { processesOf, typesOf } from './names.ts'

const SERVING = [
  'init', 'start', 'api', 'worker', 'results', 'check', 'doctor', 'migrate', 'backup', 'restore',
  'forget_blocks', 'keys'
]
/** A shell waits for what is completed: a service that does not answer at once answers nothing. */
const TIMEOUT_MS = 1000

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_signalbox () {
  local line="\${COMP_LINE:0:COMP_POINT}"
  local found="$(signalbox complete " \${line#* }" 2>/dev/null)"
  mapfile -t COMPREPLY < <(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _signalbox signalbox
`,
  zsh: `#compdef signalbox
_signalbox () {
  local -a found
  found=(\${(f)"$(signalbox complete " \${(j: :)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found || _files
}
compdef _signalbox signalbox
`,
  fish: `complete -c signalbox -f -a '(signalbox complete (string join " " "" (commandline -opc)[2..] (commandline -ct)) 2>/dev/null)'
`
}

export const completion: Command = {
  details: [
    'bash: source <(signalbox completion bash)   zsh: source <(signalbox completion zsh)',
    'fish: signalbox completion fish | source'
  ],
  options: {},
  examples: ['signalbox completion bash > /etc/bash_completion.d/signalbox'],
  run: async ({ args, screen }) => {
    const [shell = ''] = args.positionals
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
    if (script === undefined) {
      throw new UsageError(`${JSON.stringify(shell)} is not one of ${Object.keys(SCRIPTS).join(', ')}`)
    }
    screen.stdout.write(script)
    return EXIT.ok
  }
}

/** For the scripts: what may stand where the given line ends, one a line. */
export const complete: Command = {
  options: {},
  examples: ['signalbox complete "submit new_"'],
  run: async ({ args, url, env, screen, commands }) => {
    const words = (args.positionals[0] ?? '').trimStart().split(/\s+/)
    const word = words.at(-1) ?? ''
    const client = new EventClient({ url, token: env['SIGNALBOX_TOKEN'], retries: 0, timeoutMs: TIMEOUT_MS })
    try {
      const found = (await candidates(words, commands, client)).filter((one) => one.startsWith(word))
      if (found.length > 0) screen.stdout.write(`${found.join('\n')}\n`)
    } finally {
      await client.close()
    }
    return EXIT.ok
  }
}

type Commands = CommandContext['commands']

async function candidates (words: string[], { shown, find }: Commands, client: EventClient): Promise<string[]> {
  if (words.length < 2) {
    return [...shown, ...SERVING]
  }
  const listed = find(words[0] ?? '')
  if (listed === undefined) return []
  if (words.at(-1)?.startsWith('-') === true) {
    return Object.keys(optionsOf(await listed.load())).map((option) => `--${option}`)
  }
  const place = listed.positionals[words.slice(1, -1).filter((one) => !one.startsWith('-')).length] ?? ''
  const before = words.at(-2) ?? ''
  if (before === '--type' || /^\[?TYPE/.test(place)) return await typesOf(client).catch(() => [])
  if (before === '--process' || /^\[?(PROCESS|NAME)\]?$/.test(place)) return await processesOf(client).catch(() => [])
  return /^\[?[a-z_|]+\]?$/.test(place) ? place.replace(/[[\]]/g, '').split('|') : []
}
