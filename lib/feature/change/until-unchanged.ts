// A change that was planned on what was read of its flags, by a caller who named no revision: it is made for the revisions that were read, and
// planned anew where another writer was quicker.
import { FeatureError, StoreUnavailable } from '../../errors.js'

const attempts = 5

/**
 * What `attempt` gives. It is made again after a refusal because a flag changed (`flag_changed`), 5 times in all. `what` ends the sentence of
 * the error; a refusal of which `isFinal` says so is thrown as it is. Throws StoreUnavailable (`store_conflict`) after the last one, and what `attempt` throws
 * otherwise.
 */
export async function untilUnchanged<T>(
  what: string,
  attempt: (refusal: FeatureError | null) => Promise<T>,
  isFinal: (refusal: FeatureError) => boolean = () => false,
): Promise<T> {
  let refusal: FeatureError | null = null
  for (let tried = 0; tried < attempts; tried++) {
    try {
      return await attempt(refusal)
    } catch (error) {
      if (!(error instanceof FeatureError && error.code === 'flag_changed') || isFinal(error)) throw error
      refusal = error
    }
  }
  throw new StoreUnavailable('store_conflict', {
    problem: `other writers kept changing ${what}`,
    remedy: 'try again',
    cause: refusal,
  })
}
