// The errors of project flags: GitLab's sentences are kept, because its clients show them to people.
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { programName } from '../text/program-name.js'

/** What was given breaks rules; `sentences` are GitLab's, one for each rule, in its order. */
export class InvalidProjectFlag extends FeatureError {
  readonly sentences: readonly string[]

  constructor(sentences: readonly string[]) {
    super('invalid_project_flag', { problem: sentences.join(', '), remedy: 'correct what was given and send it again' })
    this.sentences = sentences
  }
}

/** There is no such project. */
export class MissingProject extends FeatureError {
  constructor(idOrPath: string) {
    const problem = `there is no project ${quoted(idOrPath)}`
    super('not_found', { problem, remedy: `${programName()} project list shows all of them` })
  }
}

/** Throws InvalidProjectFlag if there is a sentence; each is said once. */
export function refuseIfAny(sentences: readonly string[]): void {
  if (sentences.length > 0) throw new InvalidProjectFlag([...new Set(sentences)])
}

/** Throws InvalidProjectFlag if a project has as many of something as it may have. */
export function refuseMoreThan(most: number, there: number, what: string): void {
  if (there >= most) throw new InvalidProjectFlag([`Maximum number of ${what} (${most}) exceeded`])
}

/** A strategy was to name a user list that is not there. */
export class MissingList extends FeatureError {
  constructor(id: number) {
    const problem = `there is no user list with the id ${id}`
    super('not_found', { problem, remedy: 'look for it among the lists of the project' })
  }
}
