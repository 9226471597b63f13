// What is asked of the history, as its address has it: in a fixed order, with what is empty left out.
import type { HistoryQuery } from '../api/history.js'

const keys = ['flag', 'author', 'source', 'from', 'to', 'q'] as const
const longest = 1_000

export function readHistoryQuery(query: Readonly<Record<string, unknown>>): HistoryQuery {
  const of = (key: string): string => {
    const value: unknown = query[key]
    const one: unknown = Array.isArray(value) ? value[0] : value
    return typeof one === 'string' ? one.trim().slice(0, longest) : ''
  }
  return { flag: of('flag'), author: of('author'), source: of('source'), from: of('from'), to: of('to'), q: of('q') }
}

export function writeHistoryQuery(query: HistoryQuery): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (query[key].trim() === '' ? [] : [[key, query[key].trim()]])))
}

/** Whether all changes are asked for: only then their positions follow each other. */
export function isWhole(query: HistoryQuery): boolean {
  return keys.every((key) => query[key] === '')
}
