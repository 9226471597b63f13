// The key `experiments` of the options.

/** What all experiments of an application share. */
export interface ExperimentOptions {
  /** A flag of type `ops`: while it is off, each actor gets `control`, and no exposure is told. Default: none. */
  readonly flag?: string
  /**
   * At least 32 characters. Signs the variants that testers may ask for in production, and makes the keys that stand for actors in
   * events and pages, so that no reader can find an id by trying. Give two, separated by a comma, while it changes: the first signs,
   * both verify. Default: `FEATURE_EXPERIMENT_SECRET`, otherwise none.
   */
  readonly secret?: string
}

const shortestSecret = 32

/** What `experiments` has to be, for the message. */
export const wantedExperimentOptions = `an object with the text flag, and secret, a text of at least ${shortestSecret} characters (two, separated by a comma, while it changes)`

/** Whether a value is what `experiments` may be. */
export function areExperimentOptions(value: unknown): value is ExperimentOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([key, part]) => {
    if (part === undefined) return true
    if (key === 'flag') return typeof part === 'string' && part !== ''
    return key === 'secret' && typeof part === 'string' && areSecrets(part)
  })
}

function areSecrets(text: string): boolean {
  const secrets = secretsIn(text)
  return secrets.length <= 2 && secrets.every((secret) => secret.length >= shortestSecret)
}

/** The secrets in a text; the first one signs. */
export function secretsIn(text: string): readonly string[] {
  return text.split(',')
}
