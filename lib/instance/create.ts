// The process-wide `Feature`, and what makes others like it. Making one does no work.
import { hostname, userInfo } from 'node:os'
import { resolveConfig } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import type { FeatureFlags } from '../feature/feature.js'
import { Instance } from './instance.js'
import type { InstanceOptions } from './runtime.js'

/** How applications use an instance. */
export const application: InstanceOptions = { author: `code:${hostname()}`, source: 'code', watch: true }

/**
 * Makes independent feature flags with the methods of `Feature`: for a second database, or for each test. Nothing is opened before
 * their `start()`. Throws ConfigurationError for options that are wrong.
 *
 * @example
 * const billing = createFeature({ root: '/srv/billing', databaseUrl: 'postgres://db.example.com/billing' })
 * await billing.start()
 */
export function createFeature(options: FeatureOptions = {}): FeatureFlags {
  return createInstance(options).feature
}

/** The same with what the command line and the server need beside the flags. Throws ConfigurationError. */
export function createInstance(options: FeatureOptions = {}, instance: InstanceOptions = application): Instance {
  resolveConfig(options)
  return new Instance(instance, options)
}

/**
 * The process-wide feature flags: the only state of a module here, and built without work.
 *
 * @example
 * await Feature.start()
 * if (Feature.enabled('dark_mode', project)) renderDark()
 */
export const Feature: FeatureFlags = new Instance(application, {}).feature

/** The author of changes made on the command line. */
export function commandLineAuthor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container's user id may have no name.
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}
