import type { parse } from '@bufbuild/cel'

export type Expression = ReturnType<typeof parse>
type Node = Expression['expr']

const MAX_NODES = 100

/** All that may be called. The work of each grows with its operands and no faster, given the rules below. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  '_&&_',
  '_||_',
  '!_',
  '_==_',
  '_!=_',
  '_<_',
  '_<=_',
  '_>_',
  '_>=_',
  '_+_',
  '_-_',
  '_*_',
  '_/_',
  '_%_',
  '-_',
  '_?_:_',
  '_[_]',
  '@in',
  'size',
  'startsWith',
  'endsWith',
  'contains',
  'lowerAscii',
  'upperAscii',
  'trim',
  'int',
  'double',
  'string',
  'bool',
  'timestamp',
  'duration',
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getHours',
  'getMinutes',
  'getSeconds',
  'getMilliseconds'
])

const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one'])

/** Why a function that CEL knows is not there. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['matches',
    'matches is not allowed: a regular expression takes time that a sender can choose; use startsWith, endsWith ' +
    'or contains'],
  ['map', 'map is not allowed: use exists or all'],
  ['filter', 'filter is not allowed: use exists or all']
])

/** Fields of an event that have at most 256 characters. */
const SHORT: ReadonlySet<string> = new Set(['id', 'source', 'type', 'subject', 'time'])

/** What is known of an expression so far. `repeated`: parts within macros. */
type Walk = {
  sourceInfo: Expression['sourceInfo']
  nodes: number
  repeated: number
  mentionsEvent: boolean
  problem: string | undefined
}

/**
 * Refuses what could make the time of an expression grow faster than its event: regular expressions, a macro in a
 * macro, data of the event within a macro but the element itself, and a search for a text that the sender chose.
 * Answers how many parts are asked again of every element.
 */
export function checkExpression ({ expr, sourceInfo }: Expression): { problem: string } | { repeated: number } {
  const walk: Walk = { sourceInfo, nodes: 0, repeated: 0, mentionsEvent: false, problem: undefined }
  visit(walk, expr, undefined)
  if (walk.nodes > MAX_NODES) refuse(walk, expr, `has more than ${MAX_NODES} parts`)
  if (!walk.mentionsEvent) refuse(walk, expr, 'says nothing of event')
  return walk.problem === undefined ? { repeated: walk.repeated } : { problem: walk.problem }
}

function refuse (walk: Walk, node: Node, message: string): void {
  const position = walk.sourceInfo?.positions[String(node.id)]
  walk.problem ??= `${position === undefined ? '' : `at character ${position + 1}: `}${message}`
}

/** `element` is the variable of the macro around, if any. */
function visit (walk: Walk, given: Node | undefined, element: string | undefined): void {
  if (given === undefined || walk.problem !== undefined) return
  walk.nodes++
  if (element !== undefined) walk.repeated++
  // The parser has written macros out; as they were written they are read more easily.
  const { exprKind } = walk.sourceInfo?.macroCalls[String(given.id)] ?? given
  switch (exprKind.case) {
    case 'constExpr': return
    case 'identExpr': return visitName(walk, given, exprKind.value.name.replace(/^\./, ''), element)
    case 'selectExpr':
      if (isShort(given)) walk.mentionsEvent = true
      else visit(walk, exprKind.value.operand, element)
      return
    case 'listExpr':
      for (const one of exprKind.value.elements) visit(walk, one, element)
      return
    case 'structExpr':
      if (exprKind.value.messageName !== '') {
        return refuse(walk, given, `there is no type ${exprKind.value.messageName}`)
      }
      for (const { keyKind, value } of exprKind.value.entries) {
        if (keyKind.case === 'mapKey') visit(walk, keyKind.value, element)
        visit(walk, value, element)
      }
      return
    case 'callExpr': return visitCall(walk, given, exprKind.value, element)
    default: return refuse(walk, given, 'is not understood')
  }
}

function visitName (walk: Walk, node: Node, name: string, element: string | undefined): void {
  if (name === element) return
  if (name !== 'event') return refuse(walk, node, `there is no ${name}: an expression is about event`)
  if (element !== undefined) {
    return refuse(walk, node, `only ${element} and event.${[...SHORT].join(', event.')} can be used within a macro`)
  }
  walk.mentionsEvent = true
}

function visitCall (walk: Walk, node: Node, call: Call, element: string | undefined): void {
  const { function: name, target, args } = call
  const [first, second] = args
  if (name === 'has' && args.length === 1) return visit(walk, first, element)
  if (MACROS.has(name) && args.length === 2) {
    if (element !== undefined) return refuse(walk, node, `${name} is not allowed within another macro`)
    const variable = first?.exprKind.case === 'identExpr' ? first.exprKind.value.name : ''
    if (variable === '' || variable === 'event') {
      return refuse(walk, node, `${name} needs a name of its own for the element`)
    }
    visit(walk, target, undefined)
    return visit(walk, second, variable)
  }
  if (!FUNCTIONS.has(name)) return refuse(walk, node, REFUSALS.get(name) ?? `there is no function ${name} here`)
  if (name === 'contains' && !isText(first) && !isShort(first)) {
    const known = `event.${[...SHORT].join(', event.')}`
    return refuse(walk, node, `contains can look for a text that is written here, or for ${known}`)
  }
  visit(walk, target, element)
  for (const one of args) visit(walk, one, element)
}

type Call = Extract<Node['exprKind'], { case: 'callExpr' }>['value']

const isText = (node: Node | undefined): boolean =>
  node?.exprKind.case === 'constExpr' && node.exprKind.value.constantKind.case === 'stringValue'

/** `event.subject` and the like. */
function isShort (node: Node | undefined): boolean {
  if (node?.exprKind.case !== 'selectExpr') return false
  const { operand, field } = node.exprKind.value
  return (
    SHORT.has(field) &&
    operand?.exprKind.case === 'identExpr' &&
    operand.exprKind.value.name.replace(/^\./, '') === 'event'
  )
}
