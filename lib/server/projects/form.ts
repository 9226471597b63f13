// Forms with nested parameters, as Ruby's Rack reads them: `strategies[][name]=default&strategies[][scopes][][environment_scope]=*`
// is a list of one strategy with a list of one scope. A key that the last item of a list has already begins the next item.
import { isRecord } from '../../text/json.js'
import { ShapeFault } from './shape-fault.js'

type Fields = Record<string, unknown>

/** As many as Rack takes. */
const mostFields = 4_096
const deepest = 32

/** The parameters of a form, or of a query. Throws ShapeFault for what contradicts itself, is too deep, or is not encoded well. */
export function parseForm(text: string): Fields {
  const fields = text.split('&').filter((field) => field !== '')
  if (fields.length > mostFields) throw new ShapeFault(`the form has more than ${mostFields} fields`)
  const parameters = makeFields()
  for (const field of fields) {
    const equals = field.indexOf('=')
    const [name, value] = equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)]
    put(parameters, decode(name), decode(value), 0)
  }
  return parameters
}

/** No prototype: `__proto__` is a name like any other. */
function makeFields(): Fields {
  return Object.create(null)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    throw new ShapeFault('the form is not valid percent-encoded UTF-8', error)
  }
}

function put(into: Fields, name: string, value: string, depth: number): unknown {
  if (depth >= deepest) throw new ShapeFault('the form is nested too deep')
  const { key, rest } = partsOf(name, depth)
  if (key === '') return into
  if (key === '[]' && rest === '' && depth > 0) return [value]
  if (rest === '') into[key] = value
  else if (rest === '[') into[name] = value
  else if (rest === '[]') listAt(into, key).push(value)
  else if (rest.startsWith('[]')) putInList(listAt(into, key), childOf(rest), value, depth)
  else putInFields(into, key, rest, value, depth)
  return into
}

function partsOf(name: string, depth: number): { readonly key: string; readonly rest: string } {
  if (depth > 0 && name.startsWith('[]')) return { key: '[]', rest: name.slice(2) }
  if (depth > 0 && name.startsWith('[')) {
    const end = name.indexOf(']', 1)
    return end < 0 ? { key: name, rest: '' } : { key: name.slice(1, end), rest: name.slice(end + 1) }
  }
  const start = depth === 0 ? name.indexOf('[', 1) : -1
  return start < 0 ? { key: name, rest: '' } : { key: name.slice(0, start), rest: name.slice(start) }
}

/** What stands behind `[]`: a name in brackets without its brackets, anything longer as it is. */
function childOf(rest: string): string {
  const [, simple] = /^\[\]\[([^[\]]+)\]$/.exec(rest) ?? []
  return simple ?? rest.slice(2)
}

function putInList(list: unknown[], child: string, value: string, depth: number): void {
  const last = list.at(-1)
  if (isRecord(last) && !hasField(last, child)) put(last, child, value, depth + 1)
  else list.push(put(makeFields(), child, value, depth + 1))
}

function putInFields(into: Fields, key: string, rest: string, value: string, depth: number): void {
  const there = into[key] ?? makeFields()
  if (!isRecord(there)) throw new ShapeFault(`${key} is invalid`)
  into[key] = put(there, rest, value, depth + 1)
}

function listAt(into: Fields, key: string): unknown[] {
  const there = into[key] ?? []
  if (!Array.isArray(there)) throw new ShapeFault(`${key} is invalid`)
  into[key] = there
  return there
}

/** Whether an item has the field already; a list in it can take more. */
function hasField(item: Fields, name: string): boolean {
  if (name.includes('[]')) return false
  let there: unknown = item
  for (const part of name.split(/[[\]]+/).filter((one) => one !== '')) {
    if (!isRecord(there) || !Object.hasOwn(there, part)) return false
    there = there[part]
  }
  return true
}
