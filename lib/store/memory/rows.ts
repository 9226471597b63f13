// The rows of the store in memory, and how one change alters them.
import { optOutSuffix } from '../../actors/stored-id.js'
import { foundActors, rowsOf } from '../storable.js'
import type { Current, Operation, Step } from '../store.js'

/** Gate key → values, of one feature. */
export type Gates = Map<string, Set<string>>

/** A row that a change adds or removes; the feature's own row has no gate. */
export interface ChangedRow {
  readonly feature: string
  readonly gate: string | null
  readonly value: string | null
  readonly operation: 'added' | 'removed'
}

/** Works on a copy of the rows that it changes, so that a refused change leaves nothing behind. */
export class MemoryWriter {
  readonly features: Map<string, Gates>
  readonly rows: ChangedRow[] = []
  readonly #copied = new Set<string>()

  constructor(features: ReadonlyMap<string, Gates>) {
    this.features = new Map(features)
  }

  apply(step: Step): void {
    const { feature, operation } = step
    const persisted = this.features.has(feature)
    if (operation.kind !== 'remove' && !persisted) this.#addFeature(feature)
    const gates = this.#ownCopy(feature)
    const refusal = step.check?.(current(step, gates, persisted)) ?? null
    if (refusal !== null) throw refusal
    this.#write(feature, operation, gates)
    if (operation.kind === 'remove' && this.features.delete(feature)) {
      this.rows.push({ feature, gate: null, value: null, operation: 'removed' })
    }
  }

  #addFeature(feature: string): void {
    this.features.set(feature, new Map())
    this.rows.push({ feature, gate: null, value: null, operation: 'added' })
  }

  #ownCopy(feature: string): Gates {
    const gates = this.features.get(feature)
    if (gates === undefined) return new Map()
    if (this.#copied.has(feature)) return gates
    this.#copied.add(feature)
    const copy = new Map([...gates].map(([gate, values]) => [gate, new Set(values)]))
    this.features.set(feature, copy)
    return copy
  }

  #write(feature: string, operation: Operation, gates: Gates): void {
    const wanted = rowsOf(operation)
    const keys = new Set(wanted.map(([gate, value]) => JSON.stringify([gate, value])))
    const isWanted = (gate: string, value: string) => keys.has(JSON.stringify([gate, value]))
    if (operation.kind === 'drop') {
      for (const [gate, value] of wanted) this.#remove(feature, gates, gate, value)
      return
    }
    if (operation.kind !== 'add') {
      for (const [gate, values] of gates) {
        if (operation.kind === 'set' && gate !== operation.gate) continue
        for (const value of values) if (!isWanted(gate, value)) this.#remove(feature, gates, gate, value)
      }
    }
    for (const [gate, value] of wanted) this.#add(feature, gates, gate, value)
  }

  #add(feature: string, gates: Gates, gate: string, value: string): void {
    const values = gates.get(gate) ?? new Set()
    if (values.has(value)) return
    gates.set(gate, values.add(value))
    this.rows.push({ feature, gate, value, operation: 'added' })
  }

  #remove(feature: string, gates: Gates, gate: string, value: string): void {
    const values = gates.get(gate)
    if (!values?.delete(value)) return
    if (values.size === 0) gates.delete(gate)
    this.rows.push({ feature, gate, value, operation: 'removed' })
  }
}

function current(step: Step, gates: Gates, persisted: boolean): Current {
  const only = (gate: string) => [...(gates.get(gate) ?? [])].at(0) ?? null
  const actors = gates.get('actors') ?? new Set()
  return {
    persisted,
    boolean: only('boolean'),
    percentageOfTime: only('percentage_of_time'),
    actorCount: actors.size,
    optOutCount: [...actors].filter((value) => value.endsWith(optOutSuffix)).length,
    actors: foundActors(step, (text) => actors.has(text)),
  }
}
