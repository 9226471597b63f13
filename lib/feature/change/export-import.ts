// Export and import of everything stored, as JSON. An import file is not trusted: it is parsed whole before anything is written.
import { quoted } from '../../text/printable.js'
import type { Position, StoredState } from '../../state/state.js'
import { flipperFeatures, isFlipperExport } from './flipper-export.js'
import { again, invalidImport, textRemedy } from './import-fault.js'
import type { PlannedStep } from './plan.js'
import { isRecord } from '../../text/json.js'
import { programName } from '../../text/program-name.js'

const format = 'sluice-export'
const formatVersion = 1
// Flipper's expressions never open here, but a Rails application may have stored them: an import must not lose them.
const gateKeys = ['boolean', 'actors', 'groups', 'percentage_of_actors', 'percentage_of_time', 'expression']

/** A row of Postgres' unique index over flag, gate and value holds some 2,700 bytes. */
const mostBytes = 2_400

export interface StateExport {
  readonly format: 'sluice-export'
  readonly version: 1
  readonly position: Position | null
  readonly features: readonly { readonly key: string; readonly gates: Readonly<Record<string, readonly string[]>> }[]
}

/** Everything stored, features and values in a stable order so that two exports can be compared. */
export function exportState(state: StoredState): StateExport {
  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  const features = [...state.items].sort(byKey).map(({ key, gates }) => ({
    key,
    gates: Object.fromEntries(
      [...gates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([gate, values]) => [gate, [...values].sort()]),
    ),
  }))
  return { format, version: formatVersion, position: state.position, features }
}

/** The steps that store an export, ours or Flipper's. Throws FeatureError (`invalid_import`) that names the first fault. */
export function planImport(data: unknown): PlannedStep[] {
  const seen = new Set<string>()
  return featuresOf(data).map((feature: unknown, index) => {
    const { key, gates } = parseFeature(feature, index)
    if (seen.has(key)) throw invalidImport(`the flag ${quoted(key)} stands in it twice`, 'leave one of them out')
    seen.add(key)
    const step = { feature: key, operation: { kind: 'replace', gates } } as const
    return { step, action: 'import', things: [], percentage: null, narrows: false }
  })
}

function featuresOf(data: unknown): readonly unknown[] {
  if (isFlipperExport(data)) return flipperFeatures(data)
  if (typeof data === 'string') throw invalidImport('it is a text', 'give what JSON.parse makes of it')
  if (!isRecord(data) || data['format'] !== format) throw invalidImport(`it has no "format": "${format}"`, ours())
  if (data['version'] !== formatVersion) {
    const problem = `it is of version ${quoted(data['version'])}, and this program reads version ${formatVersion}`
    throw invalidImport(problem, 'upgrade this program')
  }
  const features: unknown = data['features']
  if (!Array.isArray(features)) throw invalidImport('"features" is not a list')
  return features
}

function parseFeature(feature: unknown, index: number): { key: string; gates: ReadonlyMap<string, readonly string[]> } {
  if (!isRecord(feature) || typeof feature['key'] !== 'string') {
    throw invalidImport(
      `features[${index}] has no text as "key"`,
      isRecord(feature) ? textRemedy(feature['key']) : again,
    )
  }
  const { key, gates } = feature
  if (!isRecord(gates)) throw invalidImport(`features[${index}] (${quoted(key)}) has no object as "gates"`)
  const parsed = new Map<string, readonly string[]>()
  for (const [gate, values] of Object.entries(gates)) parsed.set(gate, parseValues(key, gate, values))
  return { key, gates: parsed }
}

function parseValues(key: string, gate: string, values: unknown): readonly string[] {
  const where = `the flag ${quoted(key)}, gate ${quoted(gate)}`
  if (!gateKeys.includes(gate))
    throw invalidImport(`${where}: there is no such gate`, `the gates are ${gateKeys.join(', ')}`)
  if (!Array.isArray(values)) throw invalidImport(`${where}: its values are not a list`)
  // Whatever a database held comes back as it was, rows that this library would not write included.
  const texts = values.map((value: unknown) => {
    if (typeof value !== 'string') throw invalidImport(`${where}: ${quoted(value)} is not text`, textRemedy(value))
    const bytes = Buffer.byteLength(value, 'utf8')
    if (bytes > mostBytes) {
      const problem = `${where}: a value of ${bytes} bytes is more than the ${mostBytes} that Postgres' index can hold`
      throw invalidImport(problem, 'leave the value out, or shorten it')
    }
    return value
  })
  return [...new Set(texts)]
}

const ours = () => `give what export() or ${programName()} export has made, or Flipper's JSON export`
