// Table names from the configuration, checked before they become part of SQL.
import type { Tables } from '../../config/config.js'
import { ConfigurationError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

/** A checked name: its parts, and its text for SQL. */
export interface TableName {
  readonly schema: string | null
  readonly table: string
  readonly quoted: string
}

export interface TableNames {
  readonly features: TableName
  readonly gates: TableName
}

/** Our own tables, beside the features table. */
export const ownTables = {
  state: 'feature_state',
  history: 'feature_history',
  tokens: 'feature_tokens',
  migrations: 'feature_migrations',
  assignments: 'feature_assignments',
  changes: 'feature_changes',
  sessions: 'feature_sessions',
  secrets: 'feature_secrets',
} as const

/** The function that adds to the history what was written past the triggers; it is called, and no trigger calls it. */
export const recordUntracked = 'feature_record_untracked'

/** Checks the two names. Throws ConfigurationError for one that is not a plain name, with or without a schema. */
export function checkTables(tables: Tables): TableNames {
  const features = checkTableName('features', tables.features)
  const gates = checkTableName('gates', tables.gates)
  if (features.quoted === gates.quoted) {
    throw new ConfigurationError({
      problem: `tables.features and tables.gates are both ${quoted(tables.gates)}`,
      remedy: 'name two tables',
    })
  }
  return { features, gates }
}

function checkTableName(key: keyof Tables, name: string): TableName {
  const parts = name.split('.')
  const [first, second] = parts
  if (first === undefined || parts.length > 2 || !parts.every((part) => /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(part))) {
    throw new ConfigurationError({
      problem: `tables.${key} is ${quoted(name)}`,
      remedy: 'write table or schema.table, each of letters, digits and _, at most 63 of them',
    })
  }
  const [schema, table] = second === undefined ? [null, first] : [first, second]
  if (parts.some((part) => /^pg_/i.test(part)) || schema === 'information_schema') {
    throw new ConfigurationError({
      problem: `tables.${key} is ${quoted(name)}, and this name belongs to Postgres`,
      remedy: 'choose another name',
    })
  }
  if (Object.values<string>(ownTables).includes(table)) {
    throw new ConfigurationError({
      problem: `tables.${key} is ${quoted(name)}, and this name belongs to a table of Sluice's own`,
      remedy: 'choose another name',
    })
  }
  return { schema, table, quoted: parts.map(quoteIdentifier).join('.') }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
