// Whether the triggers that keep position and history exist, enabled, unaltered and of this version. Without them a change
// leaves no trace, and every process continues with its old answers.
import { definitionsAfter, type FunctionDefinition, type GuardDefinitions } from './guard-definitions.js'
import { type TriggerDefinition, triggerKey } from './guard-definitions.js'
import { type FoundFunction, type FoundGuard, type FoundTrigger, foundSql, readFound } from './guard-found.js'
import { fields, list, text } from '../postgres/parse-rows.js'
import type { BareNames } from '../postgres/existing-tables.js'
import { type MigrationFile, readMigrations } from '../migrations/files.js'
import { migrationNames } from '../migrations/names.js'
import { compareTexts } from '../../state/text-order.js'
import type { Done, Values } from '../postgres/query.js'
import type { TriggerFault, TriggerReport } from '../store.js'

type Run = (sql: string, values: Values) => Promise<Done>

/** The faults of the triggers of these tables. Throws the errors of `run`. */
export async function inspectTriggers(names: BareNames, run: Run): Promise<TriggerReport> {
  const files = readMigrations()
  const applied = await appliedMigrations(names, run)
  const known = new Set(files.map(({ name }) => name))
  // Made by a version that this one does not know: believe it.
  if (applied.some((name) => !known.has(name))) return { state: 'newer', faults: [] }
  const found = readFound((await run(foundSql(names), [])).answer)
  // If the setting keeps all triggers from running, the single triggers are not at fault.
  const setting = found.role === 'replica' ? [replicaRole] : []
  const faults = [...setting, ...compareTriggers({ ...found, role: 'origin' }, files, names)]
  if (faults.length === 0) return { state: 'sound', faults }
  return { state: faults.every(({ kind }) => kind === 'older') ? 'older' : 'broken', faults }
}

/** Set for a role or a database, it makes each of their sessions count as a replica, which fires no ordinary trigger. */
const replicaRole: TriggerFault = { kind: 'disabled', what: 'setting', name: 'session_replication_role', table: null }

/** Empty if our role may not read them. */
async function appliedMigrations(names: BareNames, run: Run): Promise<readonly string[]> {
  const { migrations } = migrationNames(names)
  const { answer } = await run(
    `select json_build_object('isReadable', coalesce(has_table_privilege(to_regclass($1), 'select'), false))::text as answer`,
    [migrations],
  )
  if (fields(answer, 'rights')['isReadable'] !== true) return []
  const { answer: rows } = await run(`select coalesce(json_agg(name), '[]')::text as answer from ${migrations}`, [])
  return list(rows, 'migrations').map((name) => text(name, 'migration'))
}

/** The differences between the functions and triggers found and those that the files make. */
export function compareTriggers(
  found: FoundGuard,
  files: readonly MigrationFile[],
  names: BareNames,
): readonly TriggerFault[] {
  const versions = definitionsAfter(files, names)
  const current = versions.at(-1)
  if (current === undefined) return []
  const earlier = versions.slice(0, -1).filter(({ functions }) => functions.size > 0)
  const faults = faultsAgainst(found, current, earlier)
  // All of an earlier version: a trigger that the earlier version did not have is not missing, it comes with the migration.
  const isEarlier = earlier.some((version) => faultsAgainst(found, version, []).length === 0)
  return isEarlier ? faults.map((fault) => ({ ...fault, kind: 'older' })) : faults
}

function faultsAgainst(
  found: FoundGuard,
  wanted: GuardDefinitions,
  earlier: readonly GuardDefinitions[],
): readonly TriggerFault[] {
  const functions = [...wanted.functions.values()].flatMap((definition): TriggerFault[] => {
    const kind = functionFault(found, definition, earlier)
    return kind === null ? [] : [{ kind, what: 'function', name: definition.name, table: null }]
  })
  const triggers = [...wanted.triggers].flatMap(([key, definition]): TriggerFault[] => {
    const kind = triggerFault(found, key, definition, earlier)
    return kind === null ? [] : [{ kind, what: 'trigger', name: definition.name, table: shownTable(definition) }]
  })
  return [...functions, ...triggers, ...strangers(found, wanted)]
}

type FaultKind = TriggerFault['kind']

function functionFault(
  { functions }: FoundGuard,
  definition: FunctionDefinition,
  earlier: readonly GuardDefinitions[],
): FaultKind | null {
  const named = functions.filter(({ name }) => name === definition.name)
  if (named.some((one) => isFunction(one, definition))) return null
  if (named.length === 0) return 'missing'
  const before = earlier.flatMap((version) => version.functions.get(definition.name) ?? [])
  return before.some((version) => named.some((one) => isFunction(one, version))) ? 'older' : 'altered'
}

function isFunction(found: FoundFunction, wanted: FunctionDefinition): boolean {
  const path = wanted.searchPath
  return (
    found.isPlain &&
    found.args === wanted.args &&
    found.returns === wanted.returns &&
    found.isSecurityDefiner === wanted.isSecurityDefiner &&
    found.body === wanted.body &&
    (path === null ? found.settings.length === 0 : found.settings.length === 1 && isPath(found.settings[0] ?? '', path))
  )
}

/** Postgres quotes a name if it has to: `search_path=pg_catalog, "Flags", pg_temp`. */
function isPath(setting: string, path: readonly string[]): boolean {
  const [, value = ''] = /^search_path=(.*)$/s.exec(setting) ?? []
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(
    ([bare, quoted]) => quoted?.replaceAll('""', '"') ?? bare,
  )
  return names.length === path.length && names.every((name, index) => name === path[index])
}

function triggerFault(
  { triggers, role }: FoundGuard,
  key: string,
  definition: TriggerDefinition,
  earlier: readonly GuardDefinitions[],
): FaultKind | null {
  const found = triggers.find((one) => triggerKey(one) === key)
  if (found === undefined) return 'missing'
  if (!fires(found, role)) return 'disabled'
  if (isTrigger(found, definition)) return null
  const before = earlier.flatMap((version) => version.triggers.get(key) ?? [])
  return before.some((version) => isTrigger(found, version)) ? 'older' : 'altered'
}

/** In this session: one that counts as a replica fires no ordinary trigger. */
function fires({ enabled }: FoundTrigger, role: string): boolean {
  return enabled === 'A' || enabled === (role === 'replica' ? 'R' : 'O')
}

function isTrigger(found: FoundTrigger, wanted: TriggerDefinition): boolean {
  return (
    found.type === wanted.type &&
    found.isConstraint === wanted.isDeferred &&
    found.isDeferrable === wanted.isDeferred &&
    found.isDeferred === wanted.isDeferred &&
    found.condition === wanted.condition &&
    found.function === wanted.function &&
    !found.isNarrowed &&
    found.args.join('\0') === wanted.args.join('\0')
  )
}

/**
 * Triggers that call our functions but are not ours: they would record each change twice, or record changes of another table.
 * In order: the catalog has them where there was room.
 */
function strangers({ triggers }: FoundGuard, { triggers: wanted }: GuardDefinitions): readonly TriggerFault[] {
  return triggers
    .filter((one) => one.function !== null && !wanted.has(triggerKey(one)))
    .toSorted((a, b) => compareTexts(triggerKey(a), triggerKey(b)))
    .map(({ name, schema, table }) => ({
      kind: 'altered',
      what: 'trigger',
      name,
      table: shownTable({ schema, table }),
    }))
}

function shownTable({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}.${table}`
}

/** A fault for people: `trigger feature_history_record on public.features (disabled)`. */
export function faultText({ what, name, table, kind }: TriggerFault): string {
  return `${what} ${name}${table === null ? '' : ` on ${table}`} (${kind})`
}
