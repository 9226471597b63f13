// The triggers and functions as the catalog has them.
import { escapeLiteral } from 'pg'
import { fields, list, text, textOrNull } from '../postgres/parse-rows.js'
import { guardedTables, guardFunctions, guardTriggers } from './guard-sql.js'
import { bareCondition } from './guard-definitions.js'
import type { BareNames } from '../postgres/existing-tables.js'

export interface FoundFunction {
  readonly name: string
  readonly args: string
  readonly returns: string
  /** False for a function that is not in plpgsql, or that is not called for null. */
  readonly isPlain: boolean
  readonly isSecurityDefiner: boolean
  /** As Postgres keeps them: `search_path=pg_catalog, public`. */
  readonly settings: readonly string[]
  readonly body: string
}

export interface FoundTrigger {
  readonly name: string
  readonly schema: string
  readonly table: string
  /** As Postgres writes it, quoted if it has to be. */
  readonly place: string
  readonly type: number
  /** O: fires, but not for a replica; A: always; R: for a replica only; D: never. */
  readonly enabled: string
  readonly isConstraint: boolean
  readonly isDeferrable: boolean
  readonly isDeferred: boolean
  readonly condition: string
  /** Null for a function of another schema. */
  readonly function: string | null
  readonly args: readonly string[]
  /** Whether it fires for some columns only, or looks at whole statements. */
  readonly isNarrowed: boolean
}

export interface FoundGuard {
  /** The session's `session_replication_role`. */
  readonly role: string
  readonly functions: readonly FoundFunction[]
  readonly triggers: readonly FoundTrigger[]
}

const texts = (names: readonly string[]) => `array[${names.map((name) => escapeLiteral(name)).join(', ')}]`

/** The triggers on the three tables that have our names, and all triggers anywhere that call our functions. */
export function foundSql(names: BareNames): string {
  const tables = guardedTables(names).map((table) => `to_regclass(${table})`)
  return `
with functions as (
  select procedure.*
  from pg_proc procedure
  join pg_namespace namespace on namespace.oid = procedure.pronamespace
  where procedure.proname = any(${texts(Object.keys(guardFunctions))}) and namespace.nspname = ${escapeLiteral(names.schema)}
)
select json_build_object(
  'role', current_setting('session_replication_role'),
  'functions', (
    select coalesce(json_agg(json_build_object(
      'name', proname, 'args', pg_get_function_arguments(functions.oid), 'returns', format_type(prorettype, null),
      'isPlain', language.lanname = 'plpgsql' and prokind = 'f' and not proisstrict and not proretset,
      'isSecurityDefiner', prosecdef, 'settings', coalesce(proconfig, '{}'), 'body', prosrc
    )), '[]')
    from functions
    join pg_language language on language.oid = prolang
  ),
  'triggers', (
    select coalesce(json_agg(json_build_object(
      'name', tgname, 'schema', namespace.nspname, 'table', relation.relname,
      'place', format('%I.%I', namespace.nspname, relation.relname),
      'type', tgtype, 'enabled', tgenabled, 'isConstraint', tgconstraint <> 0,
      'isDeferrable', tgdeferrable, 'isDeferred', tginitdeferred,
      'hasCondition', tgqual is not null, 'definition', pg_get_triggerdef(pg_trigger.oid),
      'function', (select proname from functions where functions.oid = tgfoid), 'args', encode(tgargs, 'hex'),
      'isNarrowed', tgattr::text <> '' or tgoldtable is not null or tgnewtable is not null
    )), '[]')
    from pg_trigger
    join pg_class relation on relation.oid = tgrelid
    join pg_namespace namespace on namespace.oid = relation.relnamespace
    where not tgisinternal
    and tgparentid = 0
    and (
      tgfoid in (select oid from functions)
      or tgname = any(${texts(guardTriggers)}) and tgrelid in (${tables.join(', ')})
    )
  )
)::text as answer`
}

export function readFound(answer: unknown): FoundGuard {
  const found = fields(answer, 'triggers')
  return {
    role: text(found['role'], 'role'),
    functions: list(found['functions'], 'functions').map(readFunction),
    triggers: list(found['triggers'], 'triggers').map(readTrigger),
  }
}

function readFunction(value: unknown): FoundFunction {
  const found = fields(value, 'function')
  return {
    name: text(found['name'], 'name'),
    args: text(found['args'], 'arguments'),
    returns: textOrNull(found['returns'], 'result') ?? '',
    isPlain: found['isPlain'] === true,
    isSecurityDefiner: found['isSecurityDefiner'] === true,
    settings: list(found['settings'], 'settings').map((setting) => text(setting, 'setting')),
    body: text(found['body'], 'body').replaceAll('\r', ''),
  }
}

function readTrigger(value: unknown): FoundTrigger {
  const found = fields(value, 'trigger')
  const definition = text(found['definition'], 'definition')
  const condition = /\bWHEN \((.*)\) EXECUTE FUNCTION /s.exec(definition)?.[1] ?? ''
  return {
    name: text(found['name'], 'name'),
    schema: text(found['schema'], 'schema'),
    table: text(found['table'], 'table'),
    place: text(found['place'], 'table'),
    type: Number(found['type']),
    enabled: text(found['enabled'], 'state'),
    isConstraint: found['isConstraint'] === true,
    isDeferrable: found['isDeferrable'] === true,
    isDeferred: found['isDeferred'] === true,
    condition: found['hasCondition'] === true ? bareCondition(condition) || definition : '',
    function: textOrNull(found['function'], 'function'),
    args: readArgs(text(found['args'], 'arguments')),
    isNarrowed: found['isNarrowed'] === true,
  }
}

/** Each with a NUL after it. */
function readArgs(hex: string): readonly string[] {
  return Buffer.from(hex, 'hex').toString('utf8').split('\0').slice(0, -1)
}
