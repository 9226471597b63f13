// A definition as a file would give it.
import type { Definition } from '../../lib/definition/definition.js'

export function definition(name: string, defaultEnabled: boolean): Definition {
  return {
    name,
    type: 'development',
    defaultEnabled,
    description: null,
    featureIssueUrl: null,
    introducedByUrl: null,
    rolloutIssueUrl: null,
    milestone: null,
    logStateChanges: null,
    group: null,
    intendedToRolloutBy: null,
    actor: null,
    path: `config/feature_flags/development/${name}.yml`,
    ee: false,
  }
}
