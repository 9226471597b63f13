import { expect, it } from 'vitest'
import { CurrentSnapshot } from '../../lib/replica/current-snapshot.js'
import { definedFlags } from '../support/replica.js'

it('a subscriber that throws keeps no later one from hearing of the new snapshot, and the error is thrown', () => {
  const current = new CurrentSnapshot(definedFlags())
  const next = { snapshot: definedFlags(), changes: [], via: [] }
  const error = new Error('a logger that throws')
  const heard: string[] = []
  current.subscribe(() => heard.push('first'))
  current.subscribe(() => {
    throw error
  })
  const end = current.subscribe(({ snapshot }) => heard.push(snapshot === current.value ? 'last' : 'another snapshot'))
  expect(() => current.swap(next)).toThrow(error)
  expect(heard).toEqual(['first', 'last'])
  end()
  expect(() => current.swap(next)).toThrow(error)
  expect(heard).toEqual(['first', 'last', 'first'])
})
