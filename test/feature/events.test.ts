// Whether a change is told as local or as remote.
import { expect, it } from 'vitest'
import { ChangeEvents } from '../../lib/feature/events.js'
import { silentLogger } from '../../lib/log.js'
import type { FlagChange } from '../../lib/replica/flag-content.js'

const position = { version: '1', nonce: 'a-nonce' }
const flagChange = (name: string): FlagChange => ({ name, before: null, after: null })

it('a change of this process is local also where its news comes before the answer to its COMMIT', () => {
  const events = new ChangeEvents()
  const told: string[] = []
  events.add(({ name, origin }) => told.push(`${name} ${origin}`))
  const done = events.writing(new Set(['mine']))
  events.tell(silentLogger, [flagChange('mine')], [position], position)
  events.tell(silentLogger, [flagChange('later')], [], null)
  expect(told).toEqual([])
  done(position)
  expect(told).toEqual(['mine local', 'later remote'])
})

it('a change of another process is told at once while this one writes other flags', () => {
  const events = new ChangeEvents()
  const told: string[] = []
  events.add(({ name, origin }) => told.push(`${name} ${origin}`))
  const done = events.writing(new Set(['mine']))
  events.tell(silentLogger, [flagChange('theirs')], [], null)
  expect(told).toEqual(['theirs remote'])
  done(null)
  events.tell(silentLogger, [flagChange('mine')], [position], position)
  expect(told).toEqual(['theirs remote', 'mine remote'])
})
