// The matcher `toHavePushedFeatureFlags`: what a page tells its scripts of flags (GitLab: `have_pushed_frontend_feature_flags`).
// `expect.extend({ toHavePushedFeatureFlags })` registers it, in Vitest and in Jest.
import type { FrontendFlagName } from '../feature/flag-name.js'
import { featuresInPage } from '../text/gon-script.js'
import { quoted } from '../text/printable.js'

/** The answers that a page has to tell, by the names in pages; or the names alone, for any answer. */
export type WantedFeatures = { readonly [Name in FrontendFlagName]?: boolean } | readonly FrontendFlagName[]

declare global {
  // Vitest and the types of Jest (@types/jest) both read this namespace, so that neither has to be installed for the other.
  namespace jest {
    interface Matchers<R> {
      /** Whether the HTML of a page tells these answers, by the names in pages: `{ darkMode: true }`; or any answer of each name in a list. */
      toHavePushedFeatureFlags(wanted: WantedFeatures): R
    }
  }
}

/** What a matcher returns, in Vitest and in Jest. */
export interface Matched {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * Whether the HTML of a page tells these answers, by the names in pages: `{ darkMode: true }`; or, for a list of names, whether it tells
 * any answer of each. The page may tell more. Throws an Error where the values cannot be compared. With `expect`:
 * `expect(response.body).toHavePushedFeatureFlags({ darkMode: true })`.
 */
export function toHavePushedFeatureFlags(page: unknown, wanted: WantedFeatures): Matched {
  if (typeof page !== 'string') {
    throw new Error(
      `toHavePushedFeatureFlags looks into HTML, and was given ${quoted(page)}; give the text of the page, such as response.body`,
    )
  }
  const names: readonly string[] = isList(wanted) ? wanted : Object.keys(wanted)
  const wrong = names.find((name) => !/^[a-z0-9][A-Za-z0-9]*$/.test(name))
  if (names.length === 0 || wrong !== undefined) {
    const given = wrong === undefined ? 'no name' : quoted(wrong)
    throw new Error(
      `toHavePushedFeatureFlags takes names of flags in pages, and was given ${given}; write darkMode for the flag dark_mode`,
    )
  }
  const told = featuresInPage(page)
  const missing = names.filter((name) => {
    const value = told !== null && Object.hasOwn(told, name) ? told[name] : undefined
    return value === undefined || (!isList(wanted) && value !== wanted[name])
  })
  const shown = told === null ? 'the page has no script of gonScript()' : `the page tells ${JSON.stringify(told)}`
  return {
    pass: missing.length === 0,
    message: () =>
      missing.length === 0
        ? `expected a page without ${JSON.stringify(wanted)}, but ${shown}`
        : `expected a page that tells ${missing.map((name) => wish(name, wanted)).join(', ')}, but ${shown}`,
  }
}

function wish(name: string, wanted: WantedFeatures): string {
  return isList(wanted) ? name : `${name}: ${wanted[name]}`
}

function isList(wanted: WantedFeatures): wanted is readonly FrontendFlagName[] {
  return Array.isArray(wanted)
}
