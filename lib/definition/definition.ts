// The content of a definition file, and its three spellings: the file, the value in memory, GitLab's API.
import { dump } from 'js-yaml'

export interface DefinitionFields {
  readonly name: string
  readonly description: string | null
  readonly featureIssueUrl: string | null
  readonly introducedByUrl: string | null
  readonly rolloutIssueUrl: string | null
  readonly milestone: string | null
  readonly logStateChanges: boolean | null
  /** The owner of the flag. */
  readonly group: string | null
  readonly type: string
  readonly defaultEnabled: boolean
  readonly intendedToRolloutBy: string | null
  /**
   * The kinds of actors that the flag is asked for, as the file spells them: `project`, `request`, or a class of the application such
   * as `Account`. Null: any actor. GitLab has no such field.
   */
  readonly actor: readonly string[] | null
}

export interface Definition extends DefinitionFields {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  /** Whether it comes from an `ee/` folder. */
  readonly ee: boolean
}

/** The fields for a new definition file: only the required ones must be given. */
export type NewDefinition = Pick<DefinitionFields, 'name' | 'type' | 'defaultEnabled'> & Partial<DefinitionFields>

/** Every field under its name in the file, in the order in which files list them. */
export const fileFields = {
  name: 'name',
  description: 'description',
  feature_issue_url: 'featureIssueUrl',
  introduced_by_url: 'introducedByUrl',
  rollout_issue_url: 'rolloutIssueUrl',
  milestone: 'milestone',
  log_state_changes: 'logStateChanges',
  group: 'group',
  type: 'type',
  default_enabled: 'defaultEnabled',
  intended_to_rollout_by: 'intendedToRolloutBy',
  actor: 'actor',
} as const satisfies Record<string, keyof DefinitionFields>

export type FileField = keyof typeof fileFields

/** A definition as GitLab's API shows it: every field, in snake case, null if it is absent. */
export type ApiDefinition = { readonly [Field in FileField]: DefinitionFields[(typeof fileFields)[Field]] }

/** A definition as GitLab's API shows it. */
export function definitionToApi(definition: DefinitionFields): ApiDefinition {
  return {
    name: definition.name,
    description: definition.description,
    feature_issue_url: definition.featureIssueUrl,
    introduced_by_url: definition.introducedByUrl,
    rollout_issue_url: definition.rolloutIssueUrl,
    milestone: definition.milestone,
    log_state_changes: definition.logStateChanges,
    group: definition.group,
    type: definition.type,
    default_enabled: definition.defaultEnabled,
    intended_to_rollout_by: definition.intendedToRolloutBy,
    actor: definition.actor,
  }
}

/** The text of a definition file: fields in their fixed order, absent ones left out; the loader reads it back unchanged. */
export function toYaml(fields: NewDefinition): string {
  const lines: Record<string, string | boolean | readonly string[]> = {}
  for (const [fileField, key] of Object.entries(fileFields)) {
    const value = fields[key]
    if (value === null || value === undefined) continue
    lines[fileField] = typeof value === 'object' && value.length === 1 && value[0] !== undefined ? value[0] : value
  }
  // Unlimited width: a folded URL or description is hard to search for. Only a list of kinds is nested, and stands on one line.
  return `---\n${dump(lines, { lineWidth: -1, flowLevel: 1 })}`
}
