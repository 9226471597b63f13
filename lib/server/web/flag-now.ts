// What is stored of one flag as its page shows it: from the store, and from memory while the store cannot be asked. A page that shows what
// memory holds says so, and nothing can be changed from it: it has no revision.
import { errorText } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import { revisionOf, revisionText } from '../../state/revision.js'
import type { Position, StoredFeature } from '../../state/state.js'
import { systemClock } from '../../time/clock.js'

export interface FlagNow {
  /** Null: nothing is stored of it. */
  readonly stored: StoredFeature | null
  /** Null where it comes from memory. */
  readonly revision: string | null
  readonly position: Position | null
}

/** A person waits for the page, and memory has an answer at once. */
const patienceMs = 2_000

/** Never rejects. */
export async function flagNow(
  instance: Pick<Instance, 'stored' | 'snapshot'>,
  name: string,
  logger: Logger,
): Promise<FlagNow> {
  let giveUp = (): void => {}
  const late = new Promise<null>((resolve) => {
    giveUp = () => resolve(null)
  })
  const deadline = systemClock.deadline(patienceMs, () => giveUp())
  try {
    const found = await Promise.race([instance.stored(name), late])
    if (found === null) return fromMemory(instance, name)
    const { stored, position } = found
    return { stored, revision: revisionText(revisionOf(found)), position }
  } catch (error) {
    logger.debug({ error: errorText(error) }, 'http: a flag is shown from memory')
    return fromMemory(instance, name)
  } finally {
    deadline.cancel()
  }
}

function fromMemory({ snapshot }: Pick<Instance, 'snapshot'>, name: string): FlagNow {
  return { stored: snapshot.entries.get(name)?.stored ?? null, revision: null, position: snapshot.position }
}
