// What the log says of definitions and of their faults.
import { expect, it } from 'vitest'
import type { CatalogChange } from '../../lib/definition/catalog.js'
import { makeFault } from '../../lib/definition/fault.js'
import { logFaults, logReload } from '../../lib/instance/definition-log.js'
import { recordingLogger } from '../support/recording-logger.js'

const none = {
  changed: true,
  added: [],
  updated: [],
  removed: [],
  kept: [],
  faults: [],
  faultsChanged: false,
  version: 2,
}

function reloaded(change: Partial<CatalogChange>) {
  const logger = recordingLogger()
  logReload(logger, { ...none, ...change })
  return logger.lines
}

function fault(file: string, severity: 'error' | 'warning') {
  return makeFault({ file, rule: 'milestone', severity, problem: 'is wrong', remedy: 'mend it' })
}

it('a reload of a few definitions is logged with their names', () => {
  expect(reloaded({ added: ['a'], updated: ['b', 'c'] })).toEqual([
    {
      level: 'info',
      fields: { added: ['a'], updated: ['b', 'c'], removed: [] },
      message: 'feature flags: definitions reloaded',
    },
  ])
})

it('a reload of ten thousand definitions names ten of each kind and counts the rest', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `flag_${index}`)
  const [line] = reloaded({ added: names, removed: names.slice(0, 11) })
  expect(line?.fields).toEqual({
    added: names.slice(0, 10),
    updated: [],
    removed: names.slice(0, 10),
    more_added: 9_990,
    more_removed: 1,
  })
})

it('a thousand faults are a hundred lines and a count, those that keep a flag from being defined first', () => {
  const logger = recordingLogger()
  const warnings = Array.from({ length: 1_000 }, (_, index) => fault(`${index}.yml`, 'warning'))
  logFaults(logger, [...warnings, fault('last.yml', 'error')])
  expect(logger.lines).toHaveLength(101)
  expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { file: 'last.yml' } })
  expect(logger.lines[1]?.message).toBe('0.yml: is wrong; mend it (the flag works all the same)')
  expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { more: 901 } })
})
