// The key `usage` of the options: what the command `usage` looks at, and what it takes for a use.

/** What `bin/feature-flag usage` and `validate --usage` look at. Patterns are paths from the root, with `*`, `**`, `?` and `{a,b}`. */
export interface UsageOptions {
  /**
   * The files to look at: `src/**`, `config/*.yml`. In a file that is neither JavaScript nor TypeScript, Vue or Svelte, the names
   * after `properties` and in `calls` are uses. A folder stands for all in it. Default: every such source file.
   */
  readonly include?: readonly string[]
  /** The files to leave out beside `node_modules` and folders that begin with a dot. Default: what is built: `dist`, `build`, `out`, `coverage`. */
  readonly exclude?: readonly string[]
  /** The files of tests, which do not count as use. Default: `*.test.*`, `*.spec.*`, and folders such as `test` and `__tests__`. */
  readonly tests?: readonly string[]
  /** Functions of the project's own that ask for the flag of their first argument: `flagOn`, `features.on`. Default: none. */
  readonly calls?: readonly string[]
  /** Fields that hold the name of a flag. Default: `featureFlag` and `feature_flag`. */
  readonly properties?: readonly string[]
  /** Flags that may be unused, each with the reason. Default: none. */
  readonly allowUnused?: Readonly<Record<string, string>>
}

const lists: ReadonlySet<string> = new Set(['include', 'exclude', 'tests', 'calls', 'properties'])

/** What `usage` has to be, for the message. */
export const wantedUsageOptions =
  'an object with the lists of texts include, exclude, tests, calls and properties, and allowUnused: { flag: reason }'

/** Whether a value is what `usage` may be. */
export function areUsageOptions(value: unknown): value is UsageOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([key, part]) => {
    if (part === undefined) return true
    if (key === 'allowUnused') return isReasons(part)
    return lists.has(key) && Array.isArray(part) && part.every(isText)
  })
}

function isReasons(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
