import type { Config } from '../config.js'

/** Where the flags are stored, in words; never the password. */
export function placeOf({ store, root }: Config): string {
  switch (store.kind) {
    case 'postgres': {
      const { host, pathname } = new URL(store.url)
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
