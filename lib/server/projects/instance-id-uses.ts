// When each instance ID was last used: noted once a minute and beside the answer, which it must neither slow down nor fail.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { InstanceId } from '../../project-flags/project.js'
import type { ProjectFlags } from '../../project-flags/project-flags.js'

const everyMs = 60_000

export class InstanceIdUses {
  readonly #logger: Logger
  readonly #notedAtMs = new Map<number, number>()
  readonly #noting = new Set<Promise<void>>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Never throws; does not wait. There are as many entries as living instance IDs that were used. */
  note(projects: ProjectFlags, { id, name }: Pick<InstanceId, 'id' | 'name'>): void {
    const nowMs = performance.now()
    const notedAtMs = this.#notedAtMs.get(id)
    if (notedAtMs !== undefined && nowMs - notedAtMs < everyMs) return
    this.#notedAtMs.set(id, nowMs)
    const noting = projects
      .noteUse(id)
      .catch((error: unknown) => {
        this.#logger.warn({ instanceId: name, error: errorText(error) }, 'the use of an instance ID could not be noted')
      })
      .finally(() => this.#noting.delete(noting))
    this.#noting.add(noting)
  }

  /** Waits for the uses that are still being noted. */
  async close(): Promise<void> {
    await Promise.all(this.#noting)
  }
}
