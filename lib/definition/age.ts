// How old a flag is, by the date of its milestone in the calendar of the configuration, and whether it is past the lifetime of its type.
// Without a calendar, or without a date in it, the age is unknown, and the flag is never overdue.
import type { Definition } from './definition.js'
import type { FlagTypes } from './rules/rules.js'

/** When each version was released: dates by version, or `monthly` for GitLab's versions, one a month. */
export type Milestones = Readonly<Record<string, string>> | 'monthly'

/** The same for `Milestones` that were read. */
export type Calendar = ReadonlyMap<string, Date> | 'monthly'

/** The rule of age needs: the types, the calendar (null: none) and today. */
export interface AgeRules {
  readonly types: FlagTypes
  readonly calendar: Calendar | null
  readonly now: Date
}

/** What is wrong with a calendar, as the end of a sentence that starts with it; null if it is good. */
export function milestonesFault(value: unknown): string | null {
  if (value === 'monthly') return null
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is neither "monthly" nor an object'
  for (const [milestone, date] of Object.entries(value)) {
    if (!versionPattern.test(milestone)) return `names ${JSON.stringify(milestone)}, which is no version such as "1.4"`
    if (dateOf(date) === null) return `gives ${JSON.stringify(milestone)} no date such as "2026-03-01"`
  }
  return null
}

/** The calendar; the value must be one of which `milestonesFault` says nothing. */
export function readMilestones(value: Milestones): Calendar {
  if (value === 'monthly') return value
  const dates = Object.entries(value).map(([milestone, date]): [string, Date | null] => [milestone, dateOf(date)])
  return new Map(dates.filter((entry): entry is [string, Date] => entry[1] !== null))
}

/** When the milestone was released; null if the calendar does not say. `1.4.2` counts as `1.4` where it has no date of its own. */
export function milestoneDate(milestone: string, calendar: Calendar): Date | null {
  const version = versionPattern.exec(milestone.trim())
  if (version === null) return null
  const [, major = '', minor = ''] = version
  if (calendar === 'monthly') return monthlyDate(Number(major), Number(minor))
  return calendar.get(milestone.trim()) ?? calendar.get(`${major}.${minor}`) ?? null
}

/** When the flag reaches the end of the lifetime of its type; null if the type has none, or its age is unknown. */
export function endOfLife({ milestone, type }: Pick<Definition, 'milestone' | 'type'>, rules: AgeRules): Date | null {
  const months = rules.types.get(type)?.lifetimeMonths ?? null
  if (months === null || milestone === null || rules.calendar === null) return null
  const introduced = milestoneDate(milestone, rules.calendar)
  return introduced === null ? null : monthsAfter(introduced, months)
}

/** Whether the flag is past the lifetime of its type. False where its age is unknown. */
export function isOverdue(definition: Pick<Definition, 'milestone' | 'type'>, rules: AgeRules): boolean {
  const end = endOfLife(definition, rules)
  return end !== null && rules.now.getTime() >= end.getTime()
}

const versionPattern = /^(\d{1,6})\.(\d{1,6})(?:\.\d{1,6})?$/

/**
 * GitLab releases x.0 in May of each year and one version each month, x.11 in April: on the 22nd up to 16.6, since then on the third
 * Thursday. 16.0 was that of May 2023. Null for a minor version that a year does not have.
 */
function monthlyDate(major: number, minor: number): Date | null {
  if (minor > 11) return null
  const [year, month] = [major + 2007, 4 + minor]
  if (major < 16 || (major === 16 && minor <= 6)) return new Date(Date.UTC(year, month, 22))
  const firstWeekday = new Date(Date.UTC(year, month, 1)).getUTCDay()
  const firstThursday = 1 + ((4 - firstWeekday + 7) % 7)
  return new Date(Date.UTC(year, month, firstThursday + 14))
}

/** A date of the calendar, in UTC; null for text that is none, such as 2026-02-30. */
function dateOf(value: unknown): Date | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return null
  const date = new Date(`${value}T00:00:00Z`)
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== value ? null : date
}

/** The same day so many months later, or the last day of a month that is too short. A part of a month counts as thirty days of it. */
function monthsAfter(date: Date, months: number): Date {
  const whole = Math.floor(months)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + whole]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  return new Date(Date.UTC(year, month, day) + (months - whole) * 30 * 86_400_000)
}
