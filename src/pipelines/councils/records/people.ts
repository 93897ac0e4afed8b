import { ROLE_TITLES, isEmail, isRouterString, routerStringOf } from '../model/constants.ts'
import type { Body, Person, Seat } from '../model/model.ts'
import { meaning } from '../legistar/words.ts'
import { ROLE_PHRASES } from '../model/role-titles.ts'
import type { Filling } from './filling.ts'
import { storePicture } from './pictures.ts'

/** Stores a person with seat and roles and answers the id; the same person once in a run. */
export type StorePerson = (person: Person, at: string) => Promise<string>

/** `since` is when roles and bodies began that do not say it. */
export function createPeople (filling: Filling, since: number): StorePerson {
  const known = new Map<string, string>()
  return async (person, at) => {
    const key = JSON.stringify(person)
    const id = known.get(key) ?? await storePerson(filling, person, since, at)
    known.set(key, id)
    return id
  }
}

async function storePerson (filling: Filling, person: Person, since: number, at: string): Promise<string> {
  const { seat, router_string: router, picture_uri: picture, name, is_active: active, ...rest } = person
  const made = routerStringOf(name)
  const problems = [
    ...(router !== null && !isRouterString(router)
      ? [`router_string ${JSON.stringify(router)} may have small letters, digits and hyphens only`]
      : []),
    ...(rest.email !== null && !isEmail(rest.email) ? [`email ${JSON.stringify(rest.email)} is no address`] : [])
  ]
  let id: string
  if (problems.length > 0) {
    filling.fail(at, `${problems.join('; ')}: stored with name, is_active and router_string only`)
    id = await filling.put('person', { ...NOTHING, name, is_active: active, router_string: made })
  } else {
    const pictureRef = await storePicture(filling, picture, 'person-picture', `${at}/picture_uri`)
    id = await filling.put('person', {
      ...rest,
      name,
      is_active: active,
      router_string: router ?? made,
      picture_ref: pictureRef
    })
  }
  if (seat !== null) await storeSeat(filling, id, seat, since, `${at}/seat`)
  return id
}

const NOTHING = { email: null, phone: null, website: null, picture_ref: null, external_source_id: null }

async function storeSeat (
  filling: Filling,
  person: string,
  { roles, image_uri: image, ...seat }: Seat,
  since: number,
  at: string
): Promise<void> {
  const seatRef = await filling.put('seat', {
    ...seat,
    image_ref: await storePicture(filling, image, 'seat-image', `${at}/image_uri`)
  })
  for (const [i, { title: said, body, start_datetime: start, ...role }] of roles.entries()) {
    const title = meaning(said, ROLE_PHRASES) ?? said
    if (!ROLE_TITLES.includes(title)) {
      filling.fail(
        `${at}/roles/${i}/title`,
        `${JSON.stringify(title)} is not one of ${ROLE_TITLES.join(', ')}: the role is left out`
      )
      continue
    }
    const bodyRef = body === null ? null : await storeBody(filling, body, since)
    await filling.put('role', {
      ...role,
      title,
      person_ref: person,
      body_ref: bodyRef,
      seat_ref: seatRef,
      start_datetime: start ?? since
    })
  }
}

export const storeBody = async ({ put }: Filling, body: Body, since: number): Promise<string> =>
  await put('body', { ...body, start_datetime: body.start_datetime ?? since })
