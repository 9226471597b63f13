// The review of a change: what it does to flags, what is wrong with that, and what the process asks. It decides; formats/ and the command
// line only show.
import { type Fault, problemText } from '../definition/fault.js'
import { defaultDefinitionPaths } from '../definition/files/files.js'
import { loadDefinitions } from '../definition/load.js'
import type { UsageConfig } from '../usage/usage.js'
import { changedCode, type ChangedPlace } from './changed-code.js'
import { type Place, readCode } from './code.js'
import type { Comparison } from './comparison.js'
import { definitionsBefore } from './definitions-before.js'
import { type Finding, findingsOf } from './findings.js'
import { changesOfFlags, type FlagChange } from './flag-changes.js'
import { type Process, processOf } from './process.js'

export interface ReviewedFlag {
  readonly change: FlagChange
  /** Where the code asks it now. */
  readonly asked: readonly Place[]
  /** Where code that asks it, or asked it, was changed. */
  readonly code: readonly ChangedPlace[]
}

export interface Review {
  readonly base: string
  readonly commit: string
  readonly flags: readonly ReviewedFlag[]
  readonly findings: readonly Finding[]
  readonly process: Process
  /** Whether no finding is an error. */
  readonly valid: boolean
}

export interface ReviewOptions {
  readonly config: UsageConfig
  readonly comparison: Comparison
  /** Takes new flags that are on by default. */
  readonly allowDefaultOn: boolean
}

/** Compares, reads the code, and judges. Throws ConfigurationError where git fails, or the parser is not installed. */
export async function review({ config, comparison, allowDefaultOn }: ReviewOptions): Promise<Review> {
  const { types, foss } = config
  const paths = config.definitionPaths ?? defaultDefinitionPaths
  const changedPaths = new Set(comparison.paths)
  const now = loadDefinitions({ root: comparison.root, paths, types, foss })
  const before = definitionsBefore(comparison, { paths, types, foss })
  const broken = now.faults.filter(({ severity }) => severity === 'error')
  const changes = changesOfFlags({
    before: before.definitions,
    unreadBefore: before.unread,
    now: now.definitions,
    isChanged: (path) => changedPaths.has(path),
    brokenNow: new Set(broken.flatMap(({ flag }) => (flag === null ? [] : [flag]))),
  })
  const names = new Set([...now.definitions.keys(), ...before.definitions.keys()])
  const code = await readCode(config)
  const places = changedCode(comparison, names, code)
  const known = new Set(changes.flatMap(({ name, before: old }) => (old === null ? [name] : [name, old.name])))
  const behindFlags = [...places.keys()].filter((name) => !known.has(name)).sort()
  const withCode = behindFlags.flatMap((name): readonly FlagChange[] => {
    const definition = now.definitions.get(name)
    return definition === undefined ? [] : [{ kind: 'code', name, before: definition, after: definition }]
  })
  const flags = [...changes, ...withCode].map((change) => ({
    change,
    asked: code.named.get(change.name) ?? [],
    code: places.get(change.name) ?? [],
  }))
  const findings = [
    ...broken.filter((fault) => isOfChange(fault, changedPaths)).map(brokenFinding),
    ...findingsOf(changes, { code, types, allowDefaultOn }),
  ]
  const { base, commit } = comparison
  const valid = findings.every(({ severity }) => severity !== 'error')
  return { base, commit, flags, findings, process: processOf(flags.map(({ change }) => change)), valid }
}

/** The rest of the review passes over the flag of a broken file. */
function brokenFinding(fault: Fault): Finding {
  const { file, line, flag, remedy } = fault
  return { rule: 'definition', severity: 'error', flag, file, line, problem: problemText(fault), remedy }
}

/** Of two files that define one flag, the fault is told of the second, whichever of them is new. */
function isOfChange({ file, rule }: Fault, changedPaths: ReadonlySet<string>): boolean {
  return changedPaths.has(file) || rule === 'duplicate'
}
