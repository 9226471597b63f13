// The process-wide `Feature`, and what makes others like it. Making one does no work.
import { hostname, userInfo } from 'node:os'
import { resolveConfig } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import { FeatureFlags } from '../feature/feature.js'
import { InstanceLifecycle } from './lifecycle.js'
import type { InstanceOptions } from './runtime.js'

/** How applications use an instance. */
export const application: InstanceOptions = { author: `code:${hostname()}`, source: 'code', watch: true }

/**
 * Makes an independent instance with the methods of `Feature`; nothing is opened before its `start()`.
 * Throws ConfigurationError for options that are wrong.
 */
export function createFeature(options: FeatureOptions = {}, instance: InstanceOptions = application): FeatureFlags {
  resolveConfig(options)
  return new FeatureFlags(new InstanceLifecycle(instance, options))
}

/** The process-wide feature flags: the only state of a module here, and built without work. */
export const Feature: FeatureFlags = new FeatureFlags(new InstanceLifecycle(application, {}))

/** The author of changes made on the command line. */
export function commandLineAuthor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container's user id may have no name.
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}
