// A parameter that is missing or of a wrong shape: GitLab answers it under another key than what its models refuse.
import { FeatureError } from '../../errors.js'

export class ShapeFault extends FeatureError {
  /** GitLab's words, such as `name is missing`. */
  readonly said: string

  constructor(said: string, cause?: unknown) {
    super('invalid_request', { problem: said, remedy: 'see /api/v4/openapi.json', cause })
    this.said = said
  }
}

/** The same where GitLab's key is `message` also for flags. */
export class RefusedParameter extends ShapeFault {}
