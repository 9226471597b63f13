// The words of `project set`: what is to be changed, and the wrong usage that can be told from the command line alone.
import type { Stickiness, Wanted } from '../../../../project-flags/changes/environment-change.js'
import { printable } from '../../../../text/printable.js'
import { programName } from '../../../../text/program-name.js'
import { UsageError } from '../../../usage-error.js'
import type { ChangeOptions } from '../open-projects.js'

export interface SetOptions extends ChangeOptions {
  readonly env?: string
  readonly all?: boolean
  readonly percent?: string
  readonly by?: Stickiness
  readonly percentOfUsers?: string
  readonly users?: string
  readonly list?: string
  readonly none?: boolean
  readonly description?: string
  readonly yes?: boolean
}

/** Whom an environment gets; a list is found in the project by what was given. */
export type Whom = Exclude<Wanted, { kind: 'list' }> | { readonly kind: 'list'; readonly named: string }

export interface SetRequest {
  readonly active: boolean | null
  readonly description: string | null
  /** Null where no environment is to be changed. */
  readonly there: { readonly environment: string; readonly whom: Whom } | null
}

/** The words after `project set`. */
export interface SetWords {
  readonly path: string
  readonly name: string
  readonly state: string | undefined
}

/** Throws UsageError for words that do not fit together. */
export function readSetRequest({ path, name, state }: SetWords, options: SetOptions): SetRequest {
  if (state !== undefined && state !== 'on' && state !== 'off') {
    const remedy = 'give on or off: the whole flag; for an environment add --env E and whom it is for'
    throw new UsageError({ problem: `a flag cannot be set to "${state}"`, remedy })
  }
  const whom = whomOf(options)
  const environment = options.env?.trim()
  const description = options.description ?? null
  if (state === undefined && whom === null && environment === undefined && description === null) {
    if (name === 'on' || name === 'off') {
      const remedy = `give the project too: ${programName()} project set PATH ${printable(path)} ${name}`
      throw new UsageError({ problem: 'the project or the flag is missing', remedy })
    }
    const remedy = 'give on or off, or --env E with --all, --percent, --percent-of-users, --users, --list or --none'
    throw new UsageError({ problem: 'nothing to change was given', remedy })
  }
  if (whom === null && options.by !== undefined) {
    throw new UsageError({ problem: '--by says what a share goes by', remedy: 'give it with --percent' })
  }
  return { active: state === undefined ? null : state === 'on', description, there: thereOf(environment, whom) }
}

function thereOf(environment: string | undefined, whom: Whom | null): SetRequest['there'] {
  if (environment === undefined && whom === null) return null
  if (environment === undefined || environment === '') {
    const remedy = "add --env, such as --env production, or --env '*' for all of them"
    throw new UsageError({ problem: 'the environment is missing', remedy })
  }
  if (whom === null) {
    const remedy = 'add --all, --percent, --percent-of-users, --users, --list or --none'
    throw new UsageError({ problem: `what is to be in "${environment}" is missing`, remedy })
  }
  return { environment, whom }
}

function whomOf({ all, percent, by, percentOfUsers, users, list, none }: SetOptions): Whom | null {
  const given: Whom[] = []
  if (all === true) given.push({ kind: 'all' })
  if (percent !== undefined) given.push({ kind: 'percent', percent, by })
  if (percentOfUsers !== undefined) given.push({ kind: 'percentOfUsers', percent: percentOfUsers })
  if (users !== undefined) given.push({ kind: 'users', ids: idsOf(users) })
  if (list !== undefined) given.push({ kind: 'list', named: list })
  if (none === true) given.push({ kind: 'none' })
  if (given.length > 1) {
    const problem = '--all, --percent, --percent-of-users, --users, --list and --none exclude each other'
    throw new UsageError({ problem, remedy: 'give one of them' })
  }
  if (by !== undefined && percent === undefined && given.length === 1) {
    throw new UsageError({ problem: '--by says what a share goes by', remedy: 'give it with --percent' })
  }
  return given[0] ?? null
}

/** As GitLab's page does: blanks around an id and a second mention go. */
function idsOf(text: string): string {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length > 0) return ids.join(',')
  throw new UsageError({ problem: '--users names no id', remedy: 'give ids with commas in between, or --none' })
}
