// The patterns of ids in `actors` of the configuration: each must be one, and no two classes may write the same ids, because then an
// actor of the one would open flags for an actor of the other.
import { ownClasses } from '../actors/classes.js'
import { idPatternFault, usualPattern } from '../actors/id-pattern.js'
import { ConfigurationError } from '../errors.js'
import { quoted } from '../text/printable.js'

/** Throws ConfigurationError for the first class whose pattern cannot be one, or is that of another class. */
export function checkPatterns(actors: Readonly<Record<string, object>>, source: string): void {
  const taken = new Map(ownClasses.map((name) => [usualPattern(name).text, name]))
  for (const [name, options] of Object.entries(actors)) {
    const given: unknown = Reflect.get(options, 'id')
    const where = `${source}: actors.${name}.id`
    const fault = given === undefined ? null : idPatternFault(given)
    if (fault !== null) {
      throw new ConfigurationError({ problem: `${where}: ${fault.problem}`, remedy: fault.remedy })
    }
    const pattern = typeof given === 'string' ? given : usualPattern(name).text
    const other = taken.get(pattern)
    if (other !== undefined) {
      const problem = `${where}: ${quoted(pattern)} is the pattern of ${quoted(other)} too, so that their actors could not be told apart`
      throw new ConfigurationError({ problem, remedy: 'give each class a pattern of its own' })
    }
    taken.set(pattern, name)
  }
}
