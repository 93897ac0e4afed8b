import { resolve } from 'node:path'
import type { Allowed } from '../engine/blocks/allowed.ts'
import { usesOf, type SettingUse, type Use } from '../engine/blocks/uses.ts'
import type { Lookups } from '../engine/lookups/lookups.ts'
import type { Kinds } from '../sdk/blocks/kind.ts'
import { folders, type Config } from './config.ts'

/** What refers to blocks: asked of the same lookups again, it answers what it found before. */
export function createUses (config: Config, kinds: Kinds, lookups: () => Lookups): () => readonly Use[] {
  const found = new WeakMap<Lookups, Use[]>()
  return () => {
    const current = lookups()
    const uses = found.get(current) ?? usesOf(current, kinds, settingUses(config))
    found.set(current, uses)
    return uses
  }
}

function settingUses ({ reporting, store }: Config): SettingUse[] {
  const [, stored = ''] = /^block:(.+)$/.exec(store) ?? []
  const all = [
    { kind: 'amqp', name: reporting.block, setting: 'SIGNALBOX_REPORT_BLOCK' },
    { kind: 'object_store', name: stored, setting: 'SIGNALBOX_STORE' }
  ]
  return all.filter(({ name }) => name !== '')
}

/** What the operator's files allow a block that is written over HTTP. */
export function allowedOf ({ blocks }: Config): Allowed {
  const list = (text: string): string[] => text.split(',').map((one) => one.trim()).filter((one) => one !== '')
  const isAny = blocks.folders.trim() === '*'
  return {
    commands: list(blocks.commands),
    hosts: list(blocks.hosts),
    folders: isAny ? ['*'] : folders(blocks.folders).map((folder) => resolve(folder))
  }
}
