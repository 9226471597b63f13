// An operation as a server or a storage gives it.
import type { Operation } from '../proposal/operations.js'
import { list, number, object, oneOf, type Parser, text } from './parse.js'

export const operation: Parser<Operation> = (value, place = '') => {
  const { op } = object({ op: text })(value, place)
  if (op === 'enable' || op === 'disable' || op === 'delete') return { op }
  if (op === 'percentage_of_actors' || op === 'percentage_of_time')
    return { op, ...object({ value: number })(value, place) }
  return object({ op: oneOf('add', 'remove'), list: oneOf('actors', 'never', 'groups'), ids: list(text) })(value, place)
}
