import type { EventNode, JobNode, TreeNode } from './live-event.ts'

/** A tree as it is drawn: many alike siblings are one node, until somebody opens it. */
export type Drawn = {
  key: string
  node: TreeNode | undefined
  /** Of a fold: what it holds. */
  folded: TreeNode[]
  name: string
  children: Drawn[]
}

/** More alike siblings than these are folded. */
const MOST_ALIKE = 12

export function fold (node: TreeNode, opened: ReadonlySet<string>): Drawn {
  return { key: node.id, node, folded: [], name: nameOf(node), children: foldAll(node, opened) }
}

function foldAll (parent: TreeNode, opened: ReadonlySet<string>): Drawn[] {
  const alike = new Map<string, TreeNode[]>()
  for (const child of parent.children as TreeNode[]) put(alike, nameOf(child), child)
  return [...alike].flatMap(([name, nodes]) => {
    const key = `${parent.id}/${name}`
    if (nodes.length <= MOST_ALIKE || opened.has(key)) return nodes.map((one) => fold(one, opened))
    return [{ key, node: undefined, folded: nodes, name, children: [] }]
  })
}

export const nameOf = (node: TreeNode): string =>
  node.kind === 'job' ? node.fields.peek().process : node.fields.peek().event.type

/** What a node came to with all that is below it, for the count of a fold. */
export const outcomeOf = (node: EventNode | JobNode): string =>
  node.kind === 'job' ? node.fields.value.status : node.fields.value.tree_status

function put (alike: Map<string, TreeNode[]>, name: string, node: TreeNode): void {
  const known = alike.get(name)
  if (known === undefined) alike.set(name, [node])
  else known.push(node)
}
