// What GitLab's process asks for a change: the label of the merge request, and whether users read of it in the changelog. While code is
// behind a flag that is off, users see nothing of it; they do when the default changes, and when the flag goes.
import type { FlagChange } from './flag-changes.js'

export interface Process {
  /** The quick action that sets the label; null where the change touches no flag. */
  readonly label: string | null
  readonly changelog: {
    /** Why an entry is needed, one reason a flag; empty: none is. */
    readonly entry: readonly string[]
    /** Why none is to be written, one reason a flag. */
    readonly noEntry: readonly string[]
  }
  /** What is to be done once the change is deployed. */
  readonly afterwards: readonly string[]
}

export const label = '/label ~"feature flag"'

export function processOf(changes: readonly FlagChange[]): Process {
  const entry: string[] = []
  const noEntry: string[] = []
  const afterwards: string[] = []
  for (const change of changes) {
    const { name } = change
    switch (change.kind) {
      case 'added':
        if (change.after.defaultEnabled) entry.push(`${name} is on by default, so users see what it turns on`)
        else noEntry.push(`${name} is new and off by default`)
        break
      case 'removed':
        entry.push(`${name} goes, so what it turned on is there for everybody, or gone`)
        afterwards.push(`"delete ${name}" in each environment, once no process of an older version runs`)
        break
      case 'renamed':
        noEntry.push(`${change.before.name} has another name, ${name}, which users do not see`)
        afterwards.push(`"delete ${change.before.name}" in each environment, once no process of an older version runs`)
        break
      case 'changed':
        if (!change.fields.includes('default_enabled')) noEntry.push(`only the definition of ${name} changes`)
        else entry.push(`${name} is ${change.after.defaultEnabled ? 'on' : 'off'} by default from now on`)
        break
      case 'code':
        if (change.after.defaultEnabled) entry.push(`code behind ${name} changes, which is on by default`)
        else noEntry.push(`code behind ${name} changes, which is off by default`)
        break
    }
  }
  return { label: changes.length === 0 ? null : label, changelog: { entry, noEntry }, afterwards }
}
