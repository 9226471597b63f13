// A project of source files, and its faults as lines: `rule file:line:column`.
import { resolveConfig } from '../../lib/config/config.js'
import type { FeatureOptions } from '../../lib/config/options.js'
import { type ReadUsageOptions, readUsage, type Usage } from '../../lib/usage/usage.js'
import { makeRoot } from '../support/project.js'

export interface UsageProject {
  readonly root: string
  read(): Promise<Usage>
}

export function usageProject(files: Readonly<Record<string, string>>, options: FeatureOptions = {}): UsageProject {
  const root = makeRoot(files)
  return { root, read: () => readIn(root, options) }
}

export function readIn(
  root: string,
  options: FeatureOptions = {},
  env: NodeJS.ProcessEnv = {},
  reading: ReadUsageOptions = {},
): Promise<Usage> {
  return readUsage(resolveConfig({ env: 'test', ...options, root }, {}, env), reading)
}

export function faultLines({ faults }: Pick<Usage, 'faults'>): readonly string[] {
  return faults.map(({ rule, file, line, column }) => `${rule} ${file}:${line}:${column}`)
}

/** The file of a definition, by its path. */
export function defined(
  name: string,
  more: { readonly type?: string; readonly ee?: boolean; readonly actor?: string } = {},
) {
  const { type = 'development', ee = false, actor } = more
  const path = `${ee ? 'ee/' : ''}config/feature_flags/${type}/${name}.yml`
  const fields = ['---', `name: ${name}`, 'group: group::x', `type: ${type}`, 'default_enabled: false']
  return { [path]: [...fields, ...(actor === undefined ? [] : [`actor: ${actor}`]), ''].join('\n') }
}
