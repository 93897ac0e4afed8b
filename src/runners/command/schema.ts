import { type Static, Type } from 'typebox'
import { ValueSchema } from '../value.ts'

export const CommandRunSchema = Type.Object(
  {
    command: Type.Array(Type.String(), {
      minItems: 1,
      description:
        'Program and arguments, as they are: no shell, and nothing of the event is put into them. The event is ' +
        'on stdin as JSON'
    }),
    cwd: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Working folder, relative to the lookups folder, which is the default'
      })
    ),
    env: Type.Optional(
      Type.Record(Type.String(), ValueSchema, {
        description:
          'Variables for the command. Of those of the worker it gets only PATH, HOME, LANG, TZ, TMPDIR and their like'
      })
    ),
    output: Type.Optional(
      Type.Union(
        [
          Type.Literal('last_line', { description: 'The last line of stdout that is not blank' }),
          Type.Object(
            {
              file: Type.String({
                pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*$',
                description:
                  'Name of a file in a private temporary folder; the command finds its path in SIGNALBOX_OUTPUT'
              })
            },
            { additionalProperties: false }
          )
        ],
        {
          default: 'last_line',
          description: 'Where the output stands: JSON { output?, events? }, any other JSON, or text'
        }
      )
    ),
    stop_signal: Type.Optional(
      Type.Union(
        [
          Type.Literal('SIGTERM'),
          Type.Literal('SIGINT'),
          Type.Literal('SIGHUP'),
          Type.Literal('SIGQUIT'),
          Type.Literal('SIGUSR1'),
          Type.Literal('SIGUSR2')
        ],
        {
          default: 'SIGTERM',
          description:
            'What its process group is sent on timeout, cancel and shutdown; SIGKILL follows after the grace period'
        }
      )
    )
  },
  {
    additionalProperties: false,
    description: 'A program in any language. What it leaves running in its process group is ended with it'
  }
)

export type CommandRun = Static<typeof CommandRunSchema>
