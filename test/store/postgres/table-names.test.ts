// The names of tables that a configuration may give.
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../lib/errors.js'
import { checkTables } from '../../../lib/store/postgres/table-names.js'

describe('table names', () => {
  it('are quoted part by part', () => {
    const { features, gates } = checkTables({ features: 'Flags.features', gates: 'select' })
    expect(features).toEqual({ schema: 'Flags', table: 'features', quoted: '"Flags"."features"' })
    expect(gates).toEqual({ schema: null, table: 'select', quoted: '"select"' })
  })

  it.each([
    'a"b',
    'a.b.c',
    'x'.repeat(64),
    'pg_catalog',
    'pg_catalog.features',
    'information_schema.tables',
    'größe',
    '',
    '.',
    'a.',
    '1st',
    'a b',
    "features'; drop table features;--",
    'feature_state',
    'app.feature_history',
  ])('are refused when they are no plain names: %j', (name) => {
    expect(() => checkTables({ features: name, gates: 'feature_gates' })).toThrow(ConfigurationError)
    expect(() => checkTables({ features: 'features', gates: name })).toThrow(`tables.gates is "${name}"`)
  })

  it('are refused when both are the same', () => {
    expect(() => checkTables({ features: 'flags', gates: 'flags' })).toThrow('name two tables')
  })
})
