// Names that SDKs choose, of which a project may have so many: what comes beyond is called `other`. Without this a client that
// invents names could fill memory and tables.
import type { KnownNames } from './store.js'
import { other, pairOf, reportLimits, type SeenClient } from './report.js'

/** The names of one project: those that are stored, and new ones while there is room. */
export class ReportNames {
  readonly #environments: Set<string>
  readonly #pairs: Set<string>

  constructor(known: KnownNames | undefined) {
    this.#environments = new Set(known?.environments)
    this.#pairs = new Set(known?.pairs)
  }

  /** The environment itself, or `other` where there is no room for one more. */
  environment(name: string): string {
    return admits(this.#environments, name, reportLimits.environments) ? name : other
  }

  /** The application and the SDK themselves, or twice `other`. */
  client<Named extends Pick<SeenClient, 'app' | 'sdk'>>(named: Named): Named {
    if (admits(this.#pairs, pairOf(named), reportLimits.pairs)) return named
    return { ...named, app: other, sdk: other }
  }
}

/** `other` itself takes no room. */
function admits(names: Set<string>, name: string, most: number): boolean {
  if (names.has(name)) return true
  if (names.size - Number(names.has(other)) - Number(names.has(pairOfOthers)) >= most) return false
  names.add(name)
  return true
}

const pairOfOthers = pairOf({ app: other, sdk: other })
