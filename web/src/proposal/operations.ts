// The operations of a change that is being put together, and how one more is added: what takes another back cancels it, so that the
// list never says more than what would change.

export type ListName = 'actors' | 'never' | 'groups'
export type ShareName = 'percentage_of_actors' | 'percentage_of_time'

export type Operation =
  | { readonly op: 'enable' | 'disable' | 'delete' }
  | { readonly op: ShareName; readonly value: number }
  | { readonly op: 'add' | 'remove'; readonly list: ListName; readonly ids: readonly string[] }

/** What is stored, as far as it tells whether an operation changes anything. */
export interface StoredShares {
  readonly percentage_of_actors: number
  readonly percentage_of_time: number
}

/** The operations with one more. What is for everybody stands alone, and ends with the next operation on a gate. */
export function withOperation(
  operations: readonly Operation[],
  added: Operation,
  stored: StoredShares,
): readonly Operation[] {
  switch (added.op) {
    case 'enable':
    case 'disable':
    case 'delete':
      return [added]
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      const others = gateOperations(operations).filter(({ op }) => op !== added.op)
      return added.value === stored[added.op] ? others : inOrder([...others, added])
    }
    case 'add':
    case 'remove':
      return withIds(gateOperations(operations), added)
  }
}

/** Ids go onto a list or off it, whatever was last said of them. */
function withIds(
  operations: readonly Operation[],
  { op, list, ids }: Extract<Operation, { op: 'add' | 'remove' }>,
): readonly Operation[] {
  const named = new Set(ids)
  const idsOf = (wanted: 'add' | 'remove') =>
    operations.flatMap((one) =>
      (one.op === 'add' || one.op === 'remove') && one.op === wanted && one.list === list ? one.ids : [],
    )
  const opposite = op === 'add' ? 'remove' : 'add'
  const taken = new Set(idsOf(opposite).filter((id) => named.has(id)))
  const kept = idsOf(opposite).filter((id) => !taken.has(id))
  const same = [...new Set([...idsOf(op), ...ids.filter((id) => !taken.has(id))])]
  const others = operations.filter((one) => !((one.op === 'add' || one.op === 'remove') && one.list === list))
  const lists: Operation[] = [
    ...(kept.length === 0 ? [] : [{ op: opposite, list, ids: kept } as const]),
    ...(same.length === 0 ? [] : [{ op, list, ids: same } as const]),
  ]
  return inOrder([...others, ...lists])
}

function gateOperations(operations: readonly Operation[]): readonly Operation[] {
  return operations.filter(({ op }) => op !== 'enable' && op !== 'disable' && op !== 'delete')
}

const places = [
  'remove never',
  'remove actors',
  'remove groups',
  'add never',
  'add actors',
  'add groups',
  'percentage_of_actors',
  'percentage_of_time',
]

/** The same operations always stand in the same order, however they came together. */
function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const place = (operation: Operation) =>
    places.indexOf('list' in operation ? `${operation.op} ${operation.list}` : operation.op)
  return operations.toSorted((one, other) => place(one) - place(other))
}

/** The share that would be stored; the stored one where no operation sets it. */
export function shareOf(operations: readonly Operation[], name: ShareName, stored: StoredShares): number {
  for (const operation of operations) {
    if (operation.op === name) return operation.value
    if (operation.op === 'enable' || operation.op === 'disable' || operation.op === 'delete') return 0
  }
  return stored[name]
}

/** The ids that would come onto a list, or go off it. */
export function idsOf(operations: readonly Operation[], op: 'add' | 'remove', list: ListName): readonly string[] {
  return operations.flatMap((one) => ('list' in one && one.op === op && one.list === list ? one.ids : []))
}
