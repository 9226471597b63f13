// What a flag means in a few words, for a row of the list.
import type { FlagRow } from '../api/flags.js'
import { counted, listed, percent } from '../text/numbers.js'

/** `25 % of actors · 3 actors · never for 1`. */
export function meaningOf(row: FlagRow): string {
  const never = row.never === 0 ? [] : [`never for ${row.never}`]
  switch (row.state) {
    case 'default':
      if (row.defaultEnabled === null) return 'not stored'
      return row.defaultEnabled ? 'not stored: on by default' : 'not stored: off by default'
    case 'on':
      return ['on for everybody', ...never].join(' · ')
    case 'off':
      return ['off for everybody', ...never].join(' · ')
    case 'conditional':
      return [...openParts(row), ...never].join(' · ') || 'conditional'
  }
}

function openParts({ percentageOfActors, percentageOfTime, actors, groups }: FlagRow): string[] {
  return [
    ...(percentageOfActors > 0 ? [`${percent(percentageOfActors)} of actors`] : []),
    ...(actors > 0 ? [counted(actors, 'actor')] : []),
    ...(groups.length > 0 ? [groupsText(groups)] : []),
    ...(percentageOfTime > 0 ? [`${percent(percentageOfTime)} of checks`] : []),
  ]
}

function groupsText(groups: readonly string[]): string {
  const named = groups.length > 3 ? [...groups.slice(0, 2), `${groups.length - 2} more`] : groups
  return `${groups.length === 1 ? 'group' : 'groups'} ${listed(named)}`
}
