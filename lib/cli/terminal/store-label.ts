// The database in words: for the console, for `status`, and for the question before a change in production.
import type { Config } from '../../config/config.js'

/** Names the place of the stored flags, in words; never the password. */
export function storeLabel({ store, database, root }: Config): string {
  switch (store.kind) {
    case 'postgres': {
      const url = database?.known ?? null
      if (url === null) return 'Postgres'
      const { host, pathname } = new URL(url)
      return `Postgres at ${host || 'the local socket'}, database ${pathname.slice(1) || '(default)'}`
    }
    case 'embedded':
      return `embedded Postgres in ${root}/.feature`
    case 'memory':
      return 'memory of this process'
    case 'missing':
      return 'none'
  }
}
