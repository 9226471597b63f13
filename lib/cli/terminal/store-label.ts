// The database in words: for the console, for `status`, and for the question before a change in production.
import type { Config } from '../../config/config.js'
import type { Fixed } from '../../config/connection-source.js'
import { printable } from '../../text/printable.js'

/** Names the place of the stored flags, in words; never the password. */
export function storeLabel({ store, database, root }: Config): string {
  switch (store.kind) {
    case 'postgres': {
      const fixed = database?.fixed ?? null
      if (fixed === null) return 'Postgres'
      return printable(`Postgres at ${hostOf(fixed)}, database ${fixed.get('database') || '(default)'}`)
    }
    case 'embedded':
      return `embedded Postgres in ${root}/.feature`
    case 'memory':
      return 'memory of this process'
    case 'missing':
      return 'none'
  }
}

/** With the port, or as the path of the socket. */
function hostOf(fixed: Fixed): string {
  const [host = '', port = ''] = [fixed.get('host'), fixed.get('port')]
  if (host.startsWith('/')) return `the socket ${host}/.s.PGSQL.${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
