// The options in the environment. Empty variables count as absent: that is how shells and compose files unset one.
import { ConfigurationError } from '../errors.js'
import { areExperimentOptions, type ExperimentOptions } from './experiment-options.js'
import { type LogThreshold, parseLogLevel } from '../log.js'
import { quoted } from '../text/printable.js'

interface EnvironmentOptions {
  readonly env?: string
  readonly strict?: boolean
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly cacheSecret?: string
  readonly experiments?: ExperimentOptions
  readonly foss?: boolean
  readonly logLevel?: LogThreshold
}

/** Reads FEATURE_ENV, NODE_ENV, FEATURE_STRICT, DATABASE_URL, REDIS_URL, FEATURE_CACHE_SECRET, FEATURE_EXPERIMENT_SECRET, FOSS_ONLY and FEATURE_LOG_LEVEL. Throws ConfigurationError. */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentOptions {
  const environment = [env['FEATURE_ENV'], env['NODE_ENV']].find((name) => name?.trim())
  const strict = readSwitch(env, 'FEATURE_STRICT')
  const foss = readSwitch(env, 'FOSS_ONLY')
  const logLevel = readLogLevel(env)
  const experiments = readExperiments(env)
  return {
    ...(environment ? { env: environment } : {}),
    ...(strict === undefined ? {} : { strict }),
    ...(foss === undefined ? {} : { foss }),
    ...(env['DATABASE_URL'] ? { databaseUrl: env['DATABASE_URL'] } : {}),
    ...(env['REDIS_URL'] ? { redisUrl: env['REDIS_URL'] } : {}),
    ...(env['FEATURE_CACHE_SECRET'] ? { cacheSecret: env['FEATURE_CACHE_SECRET'] } : {}),
    ...(experiments === undefined ? {} : { experiments }),
    ...(logLevel === undefined ? {} : { logLevel }),
  }
}

function readSwitch(env: NodeJS.ProcessEnv, name: string): boolean | undefined {
  const text = env[name]?.toLowerCase()
  if (!text) return undefined
  if (['1', 'true', 'yes', 'on'].includes(text)) return true
  if (['0', 'false', 'no', 'off'].includes(text)) return false
  throw new ConfigurationError({ problem: `${name} is ${quoted(env[name])}`, remedy: 'write 1 or 0' })
}

function readExperiments(env: NodeJS.ProcessEnv): ExperimentOptions | undefined {
  const secret = env['FEATURE_EXPERIMENT_SECRET']
  if (!secret) return undefined
  const experiments = { secret }
  if (areExperimentOptions(experiments)) return experiments
  throw new ConfigurationError({
    problem: 'FEATURE_EXPERIMENT_SECRET cannot be this text',
    remedy: 'give at least 32 characters, or two such texts separated by a comma, while it changes',
  })
}

function readLogLevel(env: NodeJS.ProcessEnv): LogThreshold | undefined {
  const text = env['FEATURE_LOG_LEVEL']?.trim()
  if (!text) return undefined
  const level = parseLogLevel(text)
  if (level !== null) return level
  throw new ConfigurationError({
    problem: `FEATURE_LOG_LEVEL is ${quoted(text)}`,
    remedy: 'write debug, info, warn, error or silent',
  })
}
