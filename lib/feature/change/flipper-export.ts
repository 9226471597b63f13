// Flipper's own JSON export, `Flipper.export(format: :json)`, read into the shape of ours:
//
//   { "version": 1, "features": { "search": { "boolean": null, "groups": ["admins"], "actors": ["User;5"],
//                                             "percentage_of_actors": "50", "percentage_of_time": null, "expression": null } } }
import { isRecord } from '../../text/json.js'
import { quoted } from '../../text/printable.js'
import { invalidImport } from './import-fault.js'

/** A feature as our export has it; its parts are not checked yet. */
export interface UncheckedFeature {
  readonly key: string
  readonly gates: Readonly<Record<string, unknown>>
}

/** Whether this is meant as Flipper's export: ours has a list of features, and a format. */
export function isFlipperExport(data: unknown): data is Readonly<Record<string, unknown>> {
  return isRecord(data) && !('format' in data) && 'version' in data && isRecord(data['features'])
}

/** The features of Flipper's export. Throws FeatureError (`invalid_import`) for another version, and for what has no equal here. */
export function flipperFeatures({ version, features }: Readonly<Record<string, unknown>>): UncheckedFeature[] {
  if (version !== 1) {
    const problem = `it is an export of Flipper of version ${quoted(version)}, and this program reads version 1`
    throw invalidImport(problem, 'export it with version: 1')
  }
  return Object.entries(isRecord(features) ? features : {}).map(([key, gates]) => {
    if (!isRecord(gates)) throw invalidImport(`the flag ${quoted(key)} has no object of gates`)
    const given = Object.entries(gates).map(([gate, value]) => [gate, valuesOf(key, gate, value)] as const)
    return { key, gates: Object.fromEntries(given.filter(([, values]) => values !== null)) }
  })
}

/** The rows of a gate, in which a single value is a list of one; null for a gate that has none. */
function valuesOf(key: string, gate: string, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (gate === 'expression') {
    throw invalidImport(
      `the flag ${quoted(key)} has an expression, which would never open here`,
      `take it away with Flipper.disable_expression, or leave ${quoted(key)} out`,
    )
  }
  if (gate === 'actors' || gate === 'groups') return value
  if (gate === 'boolean' && typeof value === 'boolean') return value ? ['true'] : null
  // Adapters of Flipper give the text that they have stored; a number is as good, because a percentage is never rounded.
  return [typeof value === 'number' ? String(value) : value]
}
