import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { refuseOpenDoor } from '../open-door.ts'
import type { DoctorGiven, Finding } from './finding.ts'

const OLDEST_NODE = [20, 3] as const
/** Less than that is soon full. */
const LEAST_FREE = 1024 ** 3
const GIB = 1024 ** 3

export function checkVersions ({ version }: DoctorGiven): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldest, least] = OLDEST_NODE
  const isNew = major > oldest || (major === oldest && minor >= least)
  return [{
    about: 'versions',
    found: `signalbox ${version}, Node ${process.versions.node}`,
    todo: isNew ? undefined : `Node ${OLDEST_NODE.join('.')} or newer is needed`
  }]
}

/** Settings that are valid and do not go together. */
export function checkConfiguration ({ config, env }: DoctorGiven): Finding[] {
  const findings: Finding[] = []
  try {
    refuseOpenDoor(config)
    const guarded = config.token !== '' || config.keys !== ''
    findings.push({
      about: 'access',
      found: `${config.host}:${config.port}, ${guarded ? 'with keys' : 'without keys'}`
    })
  } catch (error) {
    const [, problem = ''] = (error as Error).message.split('\n')
    findings.push({ about: 'access', found: `listens on ${config.host} without keys`, todo: problem.trim() })
  }
  if (config.store.startsWith('s3:')) findings.push(packageFinding('store', config.store, '@aws-sdk/client-s3'))
  if (config.reporting.server !== '') findings.push(packageFinding('reporting', 'reports go to a broker', 'amqplib'))
  const { TZ } = env
  if (TZ !== undefined && !isZone(TZ)) findings.push({ about: 'TZ', found: TZ, todo: 'is no time zone of the IANA' })
  return findings
}

function packageFinding (about: string, found: string, name: string): Finding {
  try {
    createRequire(import.meta.url).resolve(name)
    return { about, found }
  } catch {
    return { about, found, todo: `the package ${name} is not installed: npm install ${name}` }
  }
}

function isZone (name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The folders on this machine that grow. */
export async function checkDisks ({ config }: DoctorGiven): Promise<Finding[]> {
  const [, data] = /^pglite:(.*)$/.exec(config.backend) ?? []
  const [, store] = /^file:(.*)$/.exec(config.store) ?? []
  const folders = [...new Set([data, store].filter((folder) => folder !== undefined))]
  return await Promise.all(folders.map(diskFinding))
}

async function diskFinding (folder: string): Promise<Finding> {
  let there = resolve(folder)
  while (!existsSync(there)) there = dirname(there)
  const { bavail, bsize } = await statfs(there)
  const free = bavail * bsize
  const found = `${folder} has ${(free / GIB).toFixed(1)} GiB free`
  return {
    about: 'disk',
    found,
    todo: free >= LEAST_FREE ? undefined : 'make room, or events will be refused with 503'
  }
}
