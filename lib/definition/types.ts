// The types a flag can have, as data. `withTypes` adds a project's own.
import { ConfigurationError } from '../errors.js'
import { flagNameFault } from './name.js'
import { quoted } from '../text/printable.js'

export interface FlagType {
  readonly name: string
  readonly description: string
  /** Whether a flag of this type may be asked without a definition; the call must then name the type. */
  readonly optional: boolean
  /** Whether the creator asks for a rollout issue. */
  readonly rolloutIssue: boolean
  /** Whether a definition may say `default_enabled: true`. */
  readonly mayDefaultOn: boolean
  /** How long such a flag should live; null: no limit. */
  readonly lifetimeMonths: number | null
  /** A correct call, shown in error messages; `my_flag` stands for the flag's name. */
  readonly example: string
}

/** The options for a type of the project's own; all except the description may be left out. */
export interface OwnFlagType {
  /** What such a flag is for, in one sentence; `create` shows it. */
  readonly description: string
  /** Whether a flag of this type may be asked without a definition; the call must then name the type. Default: false. */
  readonly optional?: boolean
  /** Whether `create` asks for a rollout issue. Default: false. */
  readonly rolloutIssue?: boolean
  /** Whether a definition may say `default_enabled: true`. Default: false. */
  readonly mayDefaultOn?: boolean
  /** How many months such a flag should live; null: no limit. Default: null. */
  readonly lifetimeMonths?: number | null
  /** A correct call, shown in error messages; `my_flag` stands for the flag's name. Default: a call that names the type. */
  readonly example?: string
}

/** The type of a call that names no type. */
export const defaultTypeName = 'development'

/** The type of the flags that `Feature.experiment` asks. */
export const experimentTypeName = 'experiment'

const callWithType = (type: string) => `Feature.enabled('my_flag', project, { type: '${type}' })`

const table: readonly FlagType[] = [
  {
    name: defaultTypeName,
    description: 'Short-lived: hides code from users until it is finished and rolled out',
    optional: false,
    rolloutIssue: true,
    mayDefaultOn: true,
    lifetimeMonths: 4,
    example: `Feature.enabled('my_flag', project)`,
  },
  {
    name: 'ops',
    description: 'Long-lived: a switch for operating the system; bump its milestone every 12 months to keep it',
    optional: false,
    rolloutIssue: false,
    mayDefaultOn: true,
    lifetimeMonths: null,
    example: callWithType('ops'),
  },
  {
    name: experimentTypeName,
    description: 'Short-lived: runs an A/B/n experiment',
    optional: true,
    rolloutIssue: true,
    mayDefaultOn: false,
    lifetimeMonths: 6,
    example: `Feature.enabled('my_flag', user, { type: 'experiment' })`,
  },
  {
    name: 'worker',
    description: 'Controls background workers, such as deferring their jobs',
    optional: true,
    rolloutIssue: false,
    mayDefaultOn: false,
    lifetimeMonths: null,
    example: `Feature.enabled('my_flag', { type: 'worker' })`,
  },
  {
    name: 'wip',
    description: 'Short-lived: hides work in progress that is too incomplete even for a beta',
    optional: false,
    rolloutIssue: false,
    mayDefaultOn: false,
    lifetimeMonths: 4,
    example: callWithType('wip'),
  },
  {
    name: 'beta',
    description: 'A feature that works but is not yet known to scale or to be supportable',
    optional: false,
    rolloutIssue: true,
    mayDefaultOn: true,
    lifetimeMonths: 6,
    example: callWithType('beta'),
  },
  {
    name: 'gitlab_com_derisk',
    description: 'Short-lived: takes the risk out of deploying a change; removed once it has proved itself',
    optional: false,
    rolloutIssue: true,
    mayDefaultOn: false,
    lifetimeMonths: 2,
    example: callWithType('gitlab_com_derisk'),
  },
  {
    name: 'undefined',
    description: 'For names made at run time, which no file can define',
    optional: true,
    rolloutIssue: false,
    mayDefaultOn: false,
    lifetimeMonths: null,
    example: callWithType('undefined'),
  },
]

/** The types every project has. */
export const builtInTypes: ReadonlyMap<string, FlagType> = new Map(
  table.map((type) => [type.name, Object.freeze(type)]),
)

/**
 * The built-in types and a project's own (`types` of the configuration: name → description and rules). Throws
 * ConfigurationError for a malformed entry, and for a built-in name: a redefined type would let one word mean two things.
 */
export function withTypes(own: unknown): ReadonlyMap<string, FlagType> {
  if (own === undefined) return builtInTypes
  if (typeof own !== 'object' || own === null || Array.isArray(own)) {
    throw new ConfigurationError({
      problem: `types must be an object, got ${quoted(own)}`,
      remedy: "write { name: { description: '…' } }",
    })
  }
  const types = new Map(builtInTypes)
  for (const [name, entry] of Object.entries(own)) types.set(name, ownType(name, entry))
  return types
}

function ownType(name: string, entry: unknown): FlagType {
  const fault = flagNameFault(name)
  if (fault !== null) throw typesError(`the name ${quoted(name)} ${fault}`, 'choose another one')
  if (builtInTypes.has(name)) {
    throw typesError(`${quoted(name)} is built in and cannot be changed`, 'choose another name')
  }
  if (typeof entry !== 'object' || entry === null) {
    throw typesError(`${quoted(name)} must be an object, got ${quoted(entry)}`, "write { description: '…' }")
  }
  const given = new Map<string, unknown>(Object.entries(entry))
  for (const key of given.keys()) {
    if (!knownKeys.has(key)) {
      const remedy = `known keys are ${[...knownKeys].join(', ')}`
      throw typesError(`${quoted(name)} has the unknown key ${quoted(key)}`, remedy)
    }
  }
  return Object.freeze({
    name,
    description: ownText(name, 'description', given.get('description'), null),
    optional: ownSwitch(name, 'optional', given.get('optional')),
    rolloutIssue: ownSwitch(name, 'rolloutIssue', given.get('rolloutIssue')),
    mayDefaultOn: ownSwitch(name, 'mayDefaultOn', given.get('mayDefaultOn')),
    lifetimeMonths: ownLifetime(name, given.get('lifetimeMonths')),
    example: ownText(name, 'example', given.get('example'), callWithType(name)),
  })
}

const knownKeys: ReadonlySet<string> = new Set([
  'description',
  'optional',
  'rolloutIssue',
  'mayDefaultOn',
  'lifetimeMonths',
  'example',
] satisfies (keyof OwnFlagType)[])

function ownText(type: string, key: string, value: unknown, fallback: string | null): string {
  if (value === undefined && fallback !== null) return fallback
  if (typeof value === 'string' && value.trim() !== '') return value
  throw typesError(`${quoted(type)}: ${key} must be text, got ${quoted(value)}`, 'write one sentence')
}

function ownSwitch(type: string, key: string, value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw typesError(`${quoted(type)}: ${key} must be true or false, got ${quoted(value)}`, 'write true or false')
}

function ownLifetime(type: string, value: unknown): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  const problem = `${quoted(type)}: lifetimeMonths must be a number above 0 or null, got ${quoted(value)}`
  throw typesError(problem, 'write a number of months')
}

function typesError(problem: string, remedy: string): ConfigurationError {
  return new ConfigurationError({ problem: `types: ${problem}`, remedy })
}
