// The shape of the options: every key with its check, so that a typo causes an error with a suggestion and is not ignored.
import { closest } from 'fastest-levenshtein'
import { isGroupName } from '../actors/groups.js'
import { milestonesFault } from '../definition/age.js'
import { ConfigurationError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { checkPatterns } from './actor-patterns.js'
import { areExperimentOptions, wantedExperimentOptions } from './experiment-options.js'
import type { FeatureOptions } from './options.js'
import { isPublicUrl, wantedPublicUrl } from './public-url.js'
import { areServerLimits, wantedServerLimits } from './server-limits.js'
import { areUsageOptions, wantedUsageOptions } from './usage-options.js'

interface Rule {
  readonly wanted: string
  readonly test: (value: unknown) => boolean
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRecordOf = (test: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(test)
const isFunction = (value: unknown) => typeof value === 'function'
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0
const hasKeys = (keys: readonly string[], test: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) &&
  Object.entries(value).every(([key, part]) => keys.includes(key) && (part === undefined || test(part)))

const tls: Readonly<Record<string, (value: unknown) => boolean>> = {
  ca: (value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
  cert: isText,
  key: isText,
  servername: isText,
  rejectUnauthorized: (value) => typeof value === 'boolean',
}

function isTls(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([key, part]) => part === undefined || (Object.hasOwn(tls, key) && tls[key]?.(part)))
  )
}

const actorFunctions: readonly string[] = ['findByPath', 'sample', 'describe']

/** `id` has messages of its own. */
function isActorClass(value: unknown): boolean {
  if (!isObject(value) || !Object.keys(value).every((key) => key === 'id' || actorFunctions.includes(key))) return false
  return actorFunctions.every((key) => {
    const part: unknown = Reflect.get(value, key)
    return part === undefined || isFunction(part)
  })
}

const text: Rule = { wanted: 'a text that is not empty', test: isText }
const connection: Rule = {
  wanted: 'a URL, or a function that answers with one',
  test: (value) => isText(value) || isFunction(value),
}
const flag: Rule = { wanted: 'true or false', test: (value) => typeof value === 'boolean' }

const rules: Record<keyof FeatureOptions, Rule> = {
  root: text,
  env: text,
  strict: flag,
  databaseUrl: connection,
  redisUrl: connection,
  redisTls: {
    wanted:
      'an object with the PEM texts `ca`, `cert` and `key`, the text `servername`, `rejectUnauthorized` true or false',
    test: isTls,
  },
  namespace: {
    wanted: 'letters, digits, "-", "_" and "." (at most 64)',
    test: (value) => typeof value === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(value),
  },
  cacheSecret: {
    wanted:
      'a text of at least 32 characters (two, separated by a comma, while it changes), or a function that answers with it',
    test: (value) => isText(value) || isFunction(value),
  },
  tables: { wanted: 'an object with the texts `features` and `gates`', test: hasKeys(['features', 'gates'], isText) },
  definitionPaths: {
    wanted: 'a list of folders, relative to the root',
    test: (value) => Array.isArray(value) && value.every(isText),
  },
  types: { wanted: 'an object of flag types by name', test: isRecordOf(isObject) },
  milestones: {
    wanted: 'dates by version, such as { "1.4": "2026-03-01" }, or "monthly"',
    test: (value) => milestonesFault(value) === null,
  },
  typesFile: {
    wanted: 'a file of TypeScript in the root, such as "src/feature-flags.d.ts"',
    test: (value) => typeof value === 'string' && /^(?!\/|[A-Za-z]:|(?:.*\/)?\.\.\/).+\.[cm]?ts$/.test(value),
  },
  groups: {
    wanted: 'an object of predicates by group name (1 to 255 characters, none of them a control character)',
    test: (value) => isRecordOf(isFunction)(value) && isObject(value) && Object.keys(value).every(isGroupName),
  },
  actors: {
    wanted: 'an object of actor classes by name, each { id?, findByPath?, sample?, describe? }',
    test: isRecordOf(isActorClass),
  },
  pollIntervalMs: { wanted: 'a whole number of milliseconds from 1', test: isCount },
  listen: flag,
  diskFile: { wanted: 'a path, or false', test: (value) => value === false || isText(value) },
  limits: {
    wanted: 'an object with the whole numbers `actorsPerFlag`, `optOutsPerFlag` and `snapshotBytes`',
    test: hasKeys(['actorsPerFlag', 'optOutsPerFlag', 'snapshotBytes'], isCount),
  },
  server: { wanted: wantedServerLimits, test: areServerLimits },
  publicUrl: { wanted: wantedPublicUrl, test: isPublicUrl },
  usage: { wanted: wantedUsageOptions, test: areUsageOptions },
  experiments: { wanted: wantedExperimentOptions, test: areExperimentOptions },
  logger: {
    wanted: 'an object with the functions debug, info, warn and error, or false',
    test: (value) =>
      value === false ||
      (isObject(value) && ['debug', 'info', 'warn', 'error'].every((name) => isFunction(Reflect.get(value, name)))),
  },
}

/** Returns the options unchanged. Throws ConfigurationError for a key that is unknown or a value of the wrong shape. */
export function checkOptions(options: FeatureOptions, source: string): FeatureOptions {
  if (!isObject(options)) {
    throw new ConfigurationError({
      // A text may be a URL with its password.
      problem: `${source} cannot be ${typeof options === 'string' ? 'a text' : describe(options)}`,
      remedy: "give an object of options, such as { env: 'production' }",
    })
  }
  for (const [key, value] of Object.entries(options)) {
    if (!isKnown(key)) {
      throw new ConfigurationError({
        problem: `${source}: there is no key ${quoted(key)}`,
        remedy: `did you mean "${closest(key, Object.keys(rules))}"?`,
      })
    }
    if (value === undefined || rules[key].test(value)) continue
    throw new ConfigurationError({
      problem: `${source}: "${key}" cannot be ${describe(value, key)}`,
      remedy: `give ${rules[key].wanted}`,
    })
  }
  if (options.actors !== undefined) checkPatterns(options.actors, source)
  return options
}

function isKnown(key: string): key is keyof FeatureOptions {
  return Object.hasOwn(rules, key)
}

/** Connection URLs may hold passwords, so they are never shown, and neither are secrets. */
function describe(value: unknown, key?: string): string {
  const isSecret = key === 'databaseUrl' || key === 'redisUrl' || key === 'cacheSecret'
  const isShort = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (isShort && !isSecret) return quoted(value)
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'this list'
  return typeof value === 'string' ? 'this text' : `this ${typeof value}`
}
