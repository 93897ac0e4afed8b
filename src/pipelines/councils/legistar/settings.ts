import { Type, type Static } from 'typebox'

const phrases = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Array(Type.String({ minLength: 1 })), { description }))

/** A city that publishes its meetings with Legistar, as `params.fixed.source.legistar` of gather names it. */
export const LegistarSchema = Type.Object(
  {
    client: Type.String({
      pattern: '^[A-Za-z0-9_-]+$',
      description: 'The name of the city in the addresses of the API, such as seattle'
    }),
    base_url: Type.Optional(
      Type.String({ pattern: '^https?://', description: 'http://webapi.legistar.com/v1 where nothing is said' })
    ),
    content_uris: Type.Optional(
      Type.Object(
        {
          module: Type.String({
            minLength: 1,
            description: 'A TypeScript or JavaScript file, relative to the working folder'
          }),
          export: Type.Optional(
            Type.String({ minLength: 1, description: 'Its function; get_content_uris, or else the default export' })
          )
        },
        {
          additionalProperties: false,
          description:
            'Finds the videos of a meeting without EventVideoPath: it is given the event of Legistar and returns ' +
            'a list of { video_uri, caption_uri? }'
        }
      )
    ),
    seats: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            name: Type.String({ minLength: 1 }),
            electoral_area: Type.Optional(Type.String()),
            electoral_type: Type.Optional(Type.String())
          },
          { additionalProperties: false }
        ),
        { description: 'The seat of a person, by full name; without it that of the body of the first office record' }
      )
    ),
    words: Type.Optional(
      Type.Object(
        {
          votes: phrases(
            'approve, reject, abstain, absent, non_voting or a whole decision such as Absent (Non-Voting) → more ' +
            'phrases of this city'
          ),
          decisions: phrases('Passed, Failed → phrases'),
          statuses: phrases('Adopted, Rejected, In Progress → phrases'),
          roles: phrases('Councilmember, Chair, Member and the like → phrases')
        },
        { additionalProperties: false }
      )
    ),
    persons: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            aliases: Type.Optional(
              Type.Array(Type.String({ minLength: 1 }), { description: 'Other names of the same person' })
            ),
            picture_uri: Type.Optional(Type.String({ minLength: 1 })),
            email: Type.Optional(Type.String()),
            phone: Type.Optional(Type.String()),
            website: Type.Optional(Type.String())
          },
          { additionalProperties: false }
        ),
        { description: 'What Legistar does not know of a person, by full name' }
      )
    ),
    ignore_items: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Regular expressions, without regard to case: an item of the minutes whose title matches one is left out'
      })
    )
  },
  { additionalProperties: false }
)

export type LegistarSettings = Static<typeof LegistarSchema>
export const LEGISTAR_URL = 'http://webapi.legistar.com/v1'
