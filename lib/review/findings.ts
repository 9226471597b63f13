// The rules of a review. An error keeps the change from being merged; a warning is what its author has to know.
import type { Code } from './code.js'
import type { FlagTypes } from '../definition/rules/rules.js'
import { quoted } from '../text/printable.js'
import { shownField } from './field-text.js'
import type { FlagChange } from './flag-changes.js'

/** Stable names of the rules, for tools that group or silence findings. */
export type ReviewRule =
  | 'definition'
  | 'default-on'
  | 'unused'
  | 'owner'
  | 'rollout-issue'
  | 'still-asked'
  | 'default-changed'
  | 'type-changed'
  | 'renamed'

export interface Finding {
  readonly rule: ReviewRule
  readonly severity: 'error' | 'warning'
  readonly flag: string | null
  /** Relative to the root, with forward slashes. */
  readonly file: string
  readonly line: number | null
  readonly problem: string
  readonly remedy: string
}

export interface Judging {
  readonly code: Code
  readonly types: FlagTypes
  /** Takes new flags that are on by default. */
  readonly allowDefaultOn: boolean
}

/** What is wrong with the changes of definitions, in their order. */
export function findingsOf(changes: readonly FlagChange[], judging: Judging): readonly Finding[] {
  return changes.flatMap((change) => [...newFlag(change, judging), ...oldFlag(change, judging), ...changedFlag(change)])
}

/** What GitLab asks of a flag when it is introduced. A new name is a new flag; its default is as old as the flag. */
function newFlag(change: FlagChange, { code, types, allowDefaultOn }: Judging): readonly Finding[] {
  if (change.kind !== 'added' && change.kind !== 'renamed') return []
  const { name, group, defaultEnabled, type, rolloutIssueUrl, path } = change.after
  const finding = (rule: ReviewRule, problem: string, remedy: string): Finding => {
    return { rule, severity: 'error', flag: name, file: path, line: null, problem, remedy }
  }
  const findings: Finding[] = []
  if (defaultEnabled && change.kind === 'added' && !allowDefaultOn) {
    const problem = `the new flag ${quoted(name)} is on by default: its code would reach everybody at once`
    const remedy = 'write default_enabled: false and turn it on step by step, or permit it with --allow-default-on'
    findings.push(finding('default-on', problem, remedy))
  }
  if (code.unused.has(name)) {
    const problem = `the new flag ${quoted(name)} is asked by no code`
    const remedy = 'ask it in this change, or leave the definition to the change that does'
    findings.push(finding('unused', problem, remedy))
  }
  if (group === null || group.trim() === '') {
    const remedy = 'name the owner, such as group: group::frontend'
    findings.push(finding('owner', `the new flag ${quoted(name)} has no owner`, remedy))
  }
  if (types.get(type)?.rolloutIssue === true && rolloutIssueUrl === null) {
    const problem = `the new flag ${quoted(name)} has no rollout issue, which flags of the type ${quoted(type)} have`
    findings.push(finding('rollout-issue', problem, 'make the issue, and write its URL as rollout_issue_url'))
  }
  return findings
}

/** Of a flag that is gone, each place that still asks it. */
function oldFlag(change: FlagChange, { code }: Judging): readonly Finding[] {
  if (change.kind !== 'removed' && change.kind !== 'renamed') return []
  const { name, path } = change.before
  const places = code.needing.get(name) ?? []
  const instead = change.kind === 'renamed' ? `ask ${quoted(change.name)} there` : 'take the check out of the code'
  return places.map(({ file, line }) => ({
    rule: 'still-asked',
    severity: 'error',
    flag: name,
    file,
    line,
    problem: `the flag ${quoted(name)} is asked here, and its definition ${path} is removed`,
    remedy: `${instead}, or keep the definition`,
  }))
}

function changedFlag(change: FlagChange): readonly Finding[] {
  const finding = (rule: ReviewRule, file: string, problem: string, remedy: string): Finding => {
    return { rule, severity: 'warning', flag: change.name, file, line: null, problem, remedy }
  }
  if (change.kind === 'renamed') {
    const { before, after } = change
    const problem = `${quoted(before.name)} becomes ${quoted(after.name)}: what is stored of the old name does not count for the new one, and percentages pick other actors`
    const remedy = `set ${after.name} in each environment as ${before.name} is set there, then delete ${before.name}`
    return [finding('renamed', after.path, problem, remedy)]
  }
  if (change.kind !== 'changed') return []
  const { name, before, after, fields } = change
  const findings: Finding[] = []
  if (fields.includes('default_enabled')) {
    const [from, to] = [shownField(before, 'default_enabled'), shownField(after, 'default_enabled')]
    const problem = `the default of ${quoted(name)} changes from ${from} to ${to}: where anything is stored of the flag, what is stored goes on counting, and the default does not`
    const remedy = `look in each environment with "get ${name}"; "delete ${name}" lets the default count there`
    findings.push(finding('default-changed', after.path, problem, remedy))
  }
  if (fields.includes('type')) {
    const problem = `the type of ${quoted(name)} changes from ${quoted(before.type)} to ${quoted(after.type)}: calls name the type, and one that names another is an error`
    findings.push(finding('type-changed', after.path, problem, `see that each call of ${name} names the new type`))
  }
  return findings
}
