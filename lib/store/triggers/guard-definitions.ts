// The definitions in the SQL files: each function and trigger as the catalog should have it. Only the files hold them, so they
// are read as text; lib/store/migrations/sql is ours, and a test compares the definitions read from it with those that Postgres
// makes of it.
import type { BareNames } from '../postgres/existing-tables.js'
import { fillIn, type MigrationFile } from '../migrations/files.js'
import { migrationNames } from '../migrations/names.js'
import { ownTables, recordUntracked } from '../postgres/table-names.js'

export interface FunctionDefinition {
  readonly name: string
  /** Names and types of the arguments, as `name type, …`. */
  readonly args: string
  readonly returns: string
  readonly isSecurityDefiner: boolean
  /** The schemas of the function's own search path, without quotes; null for a function that sets none. */
  readonly searchPath: readonly string[] | null
  readonly body: string
}

export interface TriggerDefinition {
  readonly name: string
  readonly schema: string
  readonly table: string
  /** Postgres' tgtype. */
  readonly type: number
  readonly isDeferred: boolean
  /** The condition without blanks and brackets; empty if there is none. */
  readonly condition: string
  readonly function: string
  readonly args: readonly string[]
}

export interface GuardDefinitions {
  /** By name. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>
  /** By `triggerKey`. */
  readonly triggers: ReadonlyMap<string, TriggerDefinition>
}

export function triggerKey({ schema, table, name }: Pick<TriggerDefinition, 'schema' | 'table' | 'name'>): string {
  return JSON.stringify([schema, table, name])
}

/** The functions and triggers after each of the files, in their order; this version of the package expects the last. */
export function definitionsAfter(files: readonly MigrationFile[], names: BareNames): readonly GuardDefinitions[] {
  let functions: ReadonlyMap<string, FunctionDefinition> = new Map()
  let triggers: ReadonlyMap<string, TriggerDefinition> = new Map()
  return files.map(({ sql }) => {
    const [made, on] = [functionsIn(sql, names).filter(isOfFlags), triggersIn(sql, names).filter(isOfFlags)]
    functions = new Map([...functions, ...made.map((one) => [one.name, one] as const)])
    triggers = new Map([...triggers, ...on.map((one) => [triggerKey(one), one] as const)])
    return { functions, triggers }
  })
}

/** The files make functions and triggers of projects too, and a function to call, on which no position of flags depends. */
function isOfFlags({ name }: { readonly name: string }): boolean {
  return name.startsWith('feature_') && name !== recordUntracked
}

const functionText =
  /^create or replace function :schema\.(\w+)\(([^)]*)\) returns (\w+)\nlanguage plpgsql\n([\s\S]*?)as \$\$([\s\S]*?)\$\$;/gm

function functionsIn(sql: string, names: BareNames): readonly FunctionDefinition[] {
  return [...sql.matchAll(functionText)].map(([, name = '', args = '', returns = '', settings = '', body = '']) => ({
    name,
    args,
    returns,
    isSecurityDefiner: /^security definer$/m.test(settings),
    searchPath: searchPathIn(settings, names),
    body: fillIn(body, migrationNames(names)),
  }))
}

function searchPathIn(settings: string, { schema }: BareNames): readonly string[] | null {
  const list = /^set search_path = (.*)$/m.exec(settings)?.[1]
  return list?.split(', ').map((name) => (name === ':schema' ? schema : name)) ?? null
}

const triggerText =
  /^create (?:constraint )?trigger (\w+)\n(before|after) ([\w ]+) on :(\w+)\n(deferrable initially deferred\n)?for each (row|statement)(?: when \(([^)]*)\))?\s+execute function :schema\.(\w+)\(([^)]*)\);/gm

function triggersIn(sql: string, names: BareNames): readonly TriggerDefinition[] {
  return [...sql.matchAll(triggerText)].map((found) => {
    const [, name = '', when = '', events = '', table = '', deferred, level = '', condition = '', called = ''] = found
    const args = [...(found[9] ?? '').matchAll(/'([^']*)'/g)].map(([, arg = '']) => arg)
    const isDeferred = deferred !== undefined
    const type = triggerType(when, events, level)
    return {
      name,
      ...tableOf(table, names),
      type,
      isDeferred,
      condition: bareCondition(condition),
      function: called,
      args,
    }
  })
}

function tableOf(key: string, { schema, features, gatesSchema, gates }: BareNames): { schema: string; table: string } {
  if (key === 'gates') return { schema: gatesSchema, table: gates }
  return { schema, table: key === 'features' ? features : ownTables.history }
}

const bits = { row: 1, before: 2, insert: 4, delete: 8, update: 16, truncate: 32 } as const

function triggerType(when: string, events: string, level: string): number {
  const words = [when, level, ...events.split(' or ')]
  return Object.entries(bits).reduce((type, [word, bit]) => (words.includes(word) ? type | bit : type), 0)
}

/** Postgres writes a condition with brackets of its own. */
export function bareCondition(text: string): string {
  return text.replaceAll(/[\s()]/g, '')
}
