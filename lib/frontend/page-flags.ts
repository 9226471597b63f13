// What server and page call the same: types alone, so that the page loads nothing of the server.
import type { FrontendFlagName } from '../feature/flag-name.js'

export type { FrontendFlagName }

/** What was pushed, by the names in pages: `{ darkMode: true }`. */
export type PushedFeatures = Readonly<Record<string, boolean>>

/** The answers of flags, by their names in pages; false for a flag that was not pushed. */
export type GlFeatures = { readonly [Name in FrontendFlagName]: boolean }

/** What a page is told of an experiment: GitLab's object of the same form. */
export interface PushedExperiment {
  readonly experiment: string
  readonly variant: string
  /** The same for one actor and experiment at all times; null without an actor. */
  readonly key: string | null
  readonly excluded: boolean
}
