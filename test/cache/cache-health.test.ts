// What the log says of outages of the cache.
import { expect, it } from 'vitest'
import { Faults } from '../../lib/cache/cache-health.js'
import { recordingLogger } from '../support/recording-logger.js'
import { systemClock } from '../../lib/time/clock.js'

function makeFaults() {
  const logger = recordingLogger()
  const clock = { ms: 0 }
  return { logger, clock, faults: new Faults(logger, { ...systemClock, now: () => clock.ms }) }
}

const levels = ({ logger }: ReturnType<typeof makeFaults>) => logger.lines.map(({ level }) => level)

it('an outage is logged when it begins and when all of it is over, and no more', () => {
  const made = makeFaults()
  const { faults } = made
  faults.failed('connection', 'refused')
  faults.failed('connection', 'refused again')
  faults.failed('writing', 'full')
  expect(faults.warning()).toBe('Redis (connection): refused again')
  faults.healed('connection')
  expect(levels(made)).toEqual(['warn'])
  expect(faults.warning()).toBe('Redis (writing): full')
  faults.healed('connection', 'writing')
  faults.healed('writing')
  expect(faults.warning()).toBeNull()
  expect(levels(made)).toEqual(['warn', 'info'])
})

it('an outage that comes and goes is logged once a minute, and shown each time', () => {
  const made = makeFaults()
  const { faults, clock } = made
  for (; clock.ms < 60_000; clock.ms += 1_000) {
    faults.failed('hints', 'garbage')
    expect(faults.warning()).toContain('garbage')
    faults.healed('hints')
    expect(faults.warning()).toBeNull()
  }
  expect(levels(made)).toEqual(['warn', 'info'])
  faults.failed('hints', 'garbage')
  expect(levels(made)).toEqual(['warn', 'info', 'warn'])
})
