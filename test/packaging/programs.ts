// Small applications, as files of a project. Each prints `works` and nothing after it.

const body = `
  await Feature.start({ env: 'test', databaseUrl: process.env.STORE || 'memory', diskFile: false })
  const before = Feature.enabled('dark_mode')
  await Feature.enable('dark_mode')
  const after = Feature.enabled('dark_mode')
  const { kind } = { kind: process.env.STORE || 'memory' }
  await Feature.stop()
  if (before || !after) throw new Error('wrong answers: ' + before + ' ' + after + ' ' + kind)
  console.log('works')
`

export const moduleProgram = `import { Feature } from 'sluice'\nasync function main() {${body}}\nmain()\n`

export const requireProgram = `const { Feature } = require('sluice')\nasync function main() {${body}}\nmain()\n`

/** Of every kind of export: values, classes, types, a second entry, a declaration that is widened. */
export const typedProgram = `import {
  ConfigurationError, createFeature, defineConfig, Feature, FeatureError, FeatureGate, FeatureGroup, InvalidFeatureFlagError,
  type DeclaredFlag, type Decision, type FlagName, type FeatureFlags, type FeatureOptions, type Logger,
} from 'sluice'
import { expectInvalidFlag, startFleet, type Fleet } from 'sluice/testing'
import { gonScript, pushFrontendFeatureFlag, type PushedExperiment } from 'sluice/frontend'
import { getExperimentData, glFeatures } from 'sluice/browser'

declare module 'sluice' {
  interface FlagNames { dark_mode: true; read_only: DeclaredFlag<'ops', 'Project', true>; for_users: DeclaredFlag<'development', 'User;{id}'> }
  interface FrontendFlagNames { darkMode: 'dark_mode' }
}

class Project extends FeatureGate('Project') {}
const options: FeatureOptions = defineConfig({ pollIntervalMs: 500 })
const flags: FeatureFlags = createFeature(options)
export const answer: boolean = Feature.enabled('dark_mode', new Project(5)) || flags.enabled('dark_mode')
export const change: Promise<void> = Feature.enable('dark_mode', new FeatureGroup('staff'))
export const decision: Decision = Feature.decide('dark_mode')
// @ts-expect-error no such flag is declared
Feature.enabled('dark_mod')
export const declared: boolean = Feature.enabled('read_only', new Project(5), { type: 'ops' })
export const passedOn = (name: FlagName): boolean => Feature.enabled(name, new Project(5))
// @ts-expect-error the type has to be named
Feature.enabled('read_only', new Project(5))
// @ts-expect-error the flag has another type
Feature.enabled('read_only', new Project(5), { type: 'beta' })
// @ts-expect-error the actor is of another kind
Feature.enabled('for_users', new Project(5))
// @ts-expect-error a change takes the same kinds
Feature.enable('for_users', new Project(5))
// @ts-expect-error it was probably not found
Feature.enable('dark_mode', undefined)
// @ts-expect-error an option that is not there
defineConfig({ pollInterval: 5 })
export function codeOf(error: unknown): string {
  if (error instanceof ConfigurationError) return error.remedy
  return error instanceof FeatureError ? error.code : 'other'
}
export const fault: InvalidFeatureFlagError = expectInvalidFlag(() => Feature.enabled('dark_mode'))
export const fleet: Promise<Fleet> = startFleet(2)
export const logger: Logger = console
/** Without a runner the matcher is declared, and breaks nothing. */
export const matcher = (page: jest.Matchers<void>): void => page.toHavePushedFeatureFlags({ darkMode: true })
pushFrontendFeatureFlag('dark_mode', new Project(5))
// @ts-expect-error no such flag is declared
pushFrontendFeatureFlag('dark_mod')
export const script: string = gonScript({ nonce: 'AAAA' })
export const inPage: boolean = glFeatures.darkMode
// @ts-expect-error no such flag is declared
glFeatures.darkMod
export const experiment: PushedExperiment | undefined = getExperimentData('checkout')
`
