// The database in words.
import { expect, it } from 'vitest'
import { storeLabel } from '../../../lib/cli/terminal/store-label.js'
import { resolveConfig } from '../../../lib/config/config.js'

it.each([
  ['postgres://me:SECRET@db/my%20db', 'Postgres at db:5432, database my db'],
  ['postgres://me:SECRET@[::1]:5433/flags', 'Postgres at [::1]:5433, database flags'],
  ['postgres://me:SECRET@/flags?host=/var/run', 'Postgres at the socket /var/run/.s.PGSQL.5432, database flags'],
  ['postgres://db/%1b%5b2J', 'Postgres at db:5432, database \\u{1b}[2J'],
  ['memory', 'memory of this process'],
])('%s is called "%s"', (databaseUrl, label) => {
  expect(storeLabel(resolveConfig({ databaseUrl }, {}, {}))).toBe(label)
})
