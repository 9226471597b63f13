// The age of flags: dates of milestones, lifetimes of types, and what is unknown.
import { describe, expect, it } from 'vitest'
import { endOfLife, isOverdue, milestoneDate, milestonesFault, readMilestones } from '../../lib/definition/age.js'
import { builtInTypes } from '../../lib/definition/types.js'

const calendar = readMilestones({ '1.4': '2026-03-01', '1.5': '2026-10-31', '1.4.2': '2026-04-01' })
const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? null
const rules = (now: string) => ({ types: builtInTypes, calendar, now: new Date(now) })

describe('the date of a milestone', () => {
  it.each([
    ['1.4', '2026-03-01'],
    ['1.4.1', '2026-03-01'],
    ['1.4.2', '2026-04-01'],
    [' 1.5 ', '2026-10-31'],
    ['1.6', null],
    ['soon', null],
  ])('of %j is %s in a calendar of dates', (milestone, date) => {
    expect(day(milestoneDate(milestone, calendar))).toBe(date)
  })

  it.each([
    ['13.0', '2020-05-22'],
    ['16.0', '2023-05-22'],
    ['16.6', '2023-11-22'],
    ['16.7', '2023-12-21'],
    ['16.11', '2024-04-18'],
    ['17.0', '2024-05-16'],
    ['17.8', '2025-01-16'],
    ['18.0', '2025-05-15'],
    ['18.0.1', '2025-05-15'],
    ['16.12', null],
  ])('of %s is %s where versions are monthly, as GitLab released it', (milestone, date) => {
    expect(day(milestoneDate(milestone, 'monthly'))).toBe(date)
  })
})

describe('the end of the lifetime of a flag', () => {
  it.each([
    ['development', '1.4', '2026-07-01'],
    ['gitlab_com_derisk', '1.5', '2026-12-31'],
    ['development', '1.5', '2027-02-28'],
    ['beta', '1.4', '2026-09-01'],
    ['ops', '1.4', null],
    ['development', '1.6', null],
    ['development', null, null],
    ['not_a_type', '1.4', null],
  ])('of type %s and milestone %s is %s', (type, milestone, date) => {
    expect(day(endOfLife({ type, milestone }, rules('2026-01-01')))).toBe(date)
  })

  it('makes the flag overdue from that day on', () => {
    const flag = { type: 'development', milestone: '1.4' }
    expect(isOverdue(flag, rules('2026-06-30T23:59:59Z'))).toBe(false)
    expect(isOverdue(flag, rules('2026-07-01'))).toBe(true)
  })

  it('is unknown without a calendar, and nothing is overdue', () => {
    const flag = { type: 'development', milestone: '1.4' }
    expect(isOverdue(flag, { types: builtInTypes, calendar: null, now: new Date('2999-01-01') })).toBe(false)
  })
})

describe('a calendar', () => {
  it.each([['monthly'], [{}], [{ '1.4': '2026-03-01', '16.10.2': '2024-02-29' }]])('may be %j', (value) => {
    expect(milestonesFault(value)).toBeNull()
  })

  it.each([
    ['weekly', 'is neither "monthly" nor an object'],
    [null, 'is neither "monthly" nor an object'],
    [['1.4'], 'is neither "monthly" nor an object'],
    [{ next: '2026-03-01' }, 'names "next", which is no version such as "1.4"'],
    [{ '1.4': '2026-02-30' }, 'gives "1.4" no date such as "2026-03-01"'],
    [{ '1.4': 'March' }, 'gives "1.4" no date such as "2026-03-01"'],
    [{ '1.4': new Date(0) }, 'gives "1.4" no date such as "2026-03-01"'],
  ])('%j is refused', (value, fault) => {
    expect(milestonesFault(value)).toBe(fault)
  })
})
