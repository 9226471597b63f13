// A new revision for a project that SDKs would otherwise not ask for again: after a restore it is at an older one than they were
// told, and a write past the triggers leaves it where it was.
import { randomUUID } from 'node:crypto'
import type { ProjectSql } from '../../store/project-sql.js'
import type { ListedProject } from '../directory.js'

/** Another server may have told SDKs some revisions more, of which the one that sees the fall had not heard yet. */
const margin = 100

/** Every server that sees the fall tries; only the first one finds the nonce that was seen. Throws StoreUnavailable. */
export async function renewRevision(
  sql: ProjectSql,
  { id, nonce }: Pick<ListedProject, 'id' | 'nonce'>,
  above: number,
  by: { readonly author: string; readonly source: string },
): Promise<void> {
  await sql.change({ id: randomUUID(), ...by, reason: null }, (run) =>
    run(
      `update :directory as directory
      set
        revision = greatest(
          directory.revision + 1, $3::integer + ${margin}, extract(epoch from now())::integer - 1767225600
        ),
        nonce = gen_random_uuid(),
        updated_at = now()
      where id = $1 and nonce = $2::uuid
      returning to_json(id)::text as answer`,
      [id, nonce, above],
    ),
  )
}
