import { concurrently } from '../../../base/limit.ts'
import { ITEM_DECISIONS, MATTER_STATUSES, VOTE_DECISIONS, inMajority } from '../model/constants.ts'
import type { EventMinutesItem, Matter } from '../model/model.ts'
import type { Filling } from './filling.ts'
import type { StorePerson } from './people.ts'

type Place = { eventRef: string, datetime: number, position: number, at: string }

/** Addresses that are asked for at once. */
const LINKS = 4

/** Stores an item of the minutes with its matter, files and votes. What is at fault in it is left out and named. */
export async function storeItem (
  filling: Filling,
  storePerson: StorePerson,
  item: EventMinutesItem,
  { eventRef, datetime, position, at }: Place
): Promise<void> {
  const { put, fail } = filling
  const { matter, minutes_item: minutes } = item
  const matterRef = matter === null ? null : await storeMatter(filling, storePerson, matter, `${at}/matter`)
  const minutesRef = await put('minutes_item', { ...minutes, matter_ref: matterRef })
  const decision = item.decision === null || ITEM_DECISIONS.includes(item.decision) ? item.decision : null
  if (decision !== item.decision) {
    fail(
      `${at}/decision`,
      `${JSON.stringify(item.decision)} is not one of ${ITEM_DECISIONS.join(', ')}: the item is stored without it`
    )
  }
  const itemRef = await put('event_minutes_item', {
    event_ref: eventRef,
    minutes_item_ref: minutesRef,
    index: item.index ?? position,
    decision,
    external_source_id: null
  })
  if (matter !== null && matterRef !== null && matter.result_status !== null) {
    if (MATTER_STATUSES.includes(matter.result_status)) {
      await put('matter_status', {
        matter_ref: matterRef,
        status: matter.result_status,
        update_datetime: datetime,
        event_minutes_item_ref: itemRef,
        external_source_id: null
      })
    } else {
      fail(
        `${at}/matter/result_status`,
        `${JSON.stringify(matter.result_status)} is not one of ${MATTER_STATUSES.join(', ')}: left out`
      )
    }
  }
  await storeFiles(filling, item, matterRef, itemRef, at)
  await storeVotes(filling, storePerson, item, { decision, matterRef, eventRef, itemRef, at })
}

async function storeMatter (
  { put }: Filling,
  storePerson: StorePerson,
  { sponsors, result_status: _status, ...matter }: Matter,
  at: string
): Promise<string> {
  const matterRef = await put('matter', matter)
  for (const [i, sponsor] of sponsors.entries()) {
    await put('matter_sponsor', {
      matter_ref: matterRef,
      person_ref: await storePerson(sponsor, `${at}/sponsors/${i}`),
      external_source_id: null
    })
  }
  return matterRef
}

/** Linked, not copied. */
async function storeFiles (
  { put, fail, links }: Filling,
  { supporting_files: files }: EventMinutesItem,
  matterRef: string | null,
  itemRef: string,
  at: string
): Promise<void> {
  // Asked for side by side, stored in their order.
  await concurrently(files, LINKS, async ({ uri }) => {
    await links(uri)
  })
  for (const [i, file] of files.entries()) {
    const { uri, reason } = await links(file.uri)
    if (uri === undefined) {
      fail(`${at}/supporting_files/${i}/uri`, `${file.uri} ${reason}: left out`)
      continue
    }
    if (matterRef !== null) await put('matter_file', { ...file, matter_ref: matterRef, uri })
    await put('event_minutes_item_file', { ...file, event_minutes_item_ref: itemRef, uri })
  }
}

type VotesOf = { decision: string | null, matterRef: string | null, eventRef: string, itemRef: string, at: string }

async function storeVotes (
  { put, fail }: Filling,
  storePerson: StorePerson,
  { votes }: EventMinutesItem,
  { decision, matterRef, eventRef, itemRef, at }: VotesOf
): Promise<void> {
  if (votes.length === 0) return
  if (decision === null || matterRef === null) {
    fail(
      `${at}/votes`,
      `${votes.length} votes are left out: the item has no ${decision === null ? 'decision' : 'matter'}`
    )
    return
  }
  for (const [i, vote] of votes.entries()) {
    if (!VOTE_DECISIONS.includes(vote.decision)) {
      fail(
        `${at}/votes/${i}/decision`,
        `${JSON.stringify(vote.decision)} is not one of ${VOTE_DECISIONS.join(', ')}: the vote is left out`
      )
      continue
    }
    const person = await storePerson(vote.person, `${at}/votes/${i}/person`)
    await put('vote', {
      matter_ref: matterRef,
      event_ref: eventRef,
      event_minutes_item_ref: itemRef,
      person_ref: person,
      decision: vote.decision,
      in_majority: inMajority(vote.decision, decision),
      external_source_id: vote.external_source_id
    })
  }
}
