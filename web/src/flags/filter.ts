// Which rows a filter keeps, in which order.
import type { FlagRow } from '../api/flags.js'
import { compareNames, nameComparison } from './name-order.js'
import { type Key, type Part, parseQuery } from './query.js'

export type Test = (row: FlagRow) => boolean

/** Gives the test that a filter is. */
export function makeTest(query: string): Test {
  const parts = parseQuery(query)
  return allOf([...words(parts), ...alternatives(parts), ...negated(parts)])
}

/** Mostly there is one test, and thousands of rows. */
function allOf(tests: readonly Test[]): Test {
  const [first, ...others] = tests
  if (first === undefined) return () => true
  return others.length === 0 ? first : (row) => tests.every((test) => test(row))
}

function words(parts: readonly Part[]): Test[] {
  return parts
    .filter(({ key, isNegated }) => key === null && !isNegated)
    .map(
      ({ value }) =>
        (row) =>
          row.words.includes(value),
    )
}

/** Values of one key: one of them has to fit. */
function alternatives(parts: readonly Part[]): Test[] {
  const wanted = new Map<Key, Test[]>()
  for (const part of parts) {
    if (part.key === null || part.isNegated) continue
    const tests = wanted.get(part.key)
    if (tests === undefined) wanted.set(part.key, [fits(part.key, part.value)])
    else tests.push(fits(part.key, part.value))
  }
  return [...wanted.values()].map(anyOf)
}

function anyOf(tests: readonly Test[]): Test {
  const [first, ...others] = tests
  return first !== undefined && others.length === 0 ? first : (row) => tests.some((test) => test(row))
}

function negated(parts: readonly Part[]): Test[] {
  return parts
    .filter(({ isNegated }) => isNegated)
    .map(({ key, value }) => {
      const test: Test = key === null ? (row) => row.words.includes(value) : fits(key, value)
      return (row) => !test(row)
    })
}

function fits(key: Key, value: string): Test {
  switch (key) {
    case 'type':
      return (row) => (row.type ?? '').toLowerCase() === value
    case 'owner':
      return (row) => ownerFits((row.owner ?? '').toLowerCase(), value)
    case 'state':
      return (row) => row.state === value
    case 'by':
      return (row) => (row.changedBy ?? '').toLowerCase().includes(value)
    case 'is':
      return (row) => hasMark(row, value)
  }
}

/** `group::apm` may be written `apm`. */
function ownerFits(owner: string, value: string): boolean {
  return owner === value || owner.endsWith(`::${value}`)
}

function hasMark(row: FlagRow, mark: string): boolean {
  if (mark === 'overdue') return row.isOverdue
  if (mark === 'stored') return row.stored
  if (mark === 'undefined') return row.type === null && row.fault === null
  return mark === 'broken' && row.fault !== null
}

export const orders = ['name', 'changed', 'state', 'owner'] as const
export type Order = (typeof orders)[number]

const statePlaces: Readonly<Record<FlagRow['state'], number>> = { conditional: 0, on: 1, off: 2, default: 3 }

/** Compares two of these rows; equal ones by name, so that an order is always the same. */
export function comparison(order: Order, rows: readonly FlagRow[]): (one: FlagRow, other: FlagRow) => number {
  const compare = nameComparison(rows.map(({ name }) => name))
  const byName = (one: FlagRow, other: FlagRow) => compare(one.name, other.name)
  switch (order) {
    case 'name':
      return byName
    case 'changed':
      return (one, other) => (other.changedAt ?? 0) - (one.changedAt ?? 0) || byName(one, other)
    case 'state':
      return (one, other) => statePlaces[one.state] - statePlaces[other.state] || byName(one, other)
    case 'owner': {
      const compareOwners = nameComparison(rows.map(ownerOrLast))
      return (one, other) => compareOwners(ownerOrLast(one), ownerOrLast(other)) || byName(one, other)
    }
  }
}

function ownerOrLast({ owner }: FlagRow): string {
  return owner ?? '\uffff'
}

/** The names most like a text that nothing fits, best first. */
export function closest(rows: readonly FlagRow[], query: string, most = 3): readonly string[] {
  const wanted = parseQuery(query)
    .filter(({ key, isNegated }) => key === null && !isNegated)
    .map(({ value }) => value)
    .join('_')
  if (wanted === '') return []
  return rows
    .map(({ name }) => ({ name, likeness: likeness(name.toLowerCase(), wanted) }))
    .filter((one) => one.likeness >= 0.3)
    .sort((one, other) => other.likeness - one.likeness || compareNames(one.name, other.name))
    .slice(0, most)
    .map(({ name }) => name)
}

/** 0 to 1: how many pairs of neighbouring letters two texts share (Dice). */
function likeness(one: string, other: string): number {
  const [ours, theirs] = [pairs(one), pairs(other)]
  if (ours.size === 0 || theirs.size === 0) return one === other ? 1 : 0
  let shared = 0
  for (const pair of ours) if (theirs.has(pair)) shared += 1
  return (2 * shared) / (ours.size + theirs.size)
}

function pairs(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)))
}
