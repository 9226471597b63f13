// Faults of connection URLs, and how a URL is shown without its password.
import { expect, it } from 'vitest'
import { connectionUrlFault, shownUrl } from '../../lib/config/connection-url.js'

const kind = { schemes: ['postgres', 'postgresql'], oneAddress: 'give one address' }
const encoded = 'must be percent-encoded'

it.each([
  'postgres://host/app',
  'postgresql://me:p%23w@host:5432/app?sslmode=require',
  'postgres://host:5432/app?user=me@server',
  'postgres:///app?host=/var/run',
  'POSTGRES://host',
])('the URL %s has no fault', (url) => {
  expect(connectionUrlFault(url, kind)).toBeNull()
})

it.each([
  [
    'postgres://appuser@127.0.0.1:99999/app',
    'the port 99999 is out of range',
    '"postgres://[hidden]@127.0.0.1:99999/app"',
  ],
  ['postgres://127.0.0.1:99999/app', 'the port 99999 is out of range', '"postgres://127.0.0.1:99999/app"'],
  ['postgres://[::1]:99999/app', 'the port 99999 is out of range', '"postgres://[::1]:99999/app"'],
  ['postgres://me:SECRET@host:54e2/app', 'the port is not a number', '"postgres://[hidden]@host:54e2/app"'],
  ['postgres://me:SE#CRET@host:5432/app', encoded, '"postgres://[hidden]@host:5432/app"'],
  ['postgres://me:SE/CRET@host:5432/app', encoded, '"postgres://[hidden]@host:5432/app"'],
  ['postgres://me:SE?CRET@host:5432/app', encoded, '"postgres://[hidden]"'],
  ['postgres://me:12#CRET@host/app', encoded, '"postgres://[hidden]@host/app"'],
  ['postgres://me:12/CRET@host/app', encoded, '"postgres://[hidden]@host/app"'],
  ['postgres://me:SECRET%zz@host/app', 'write it as "%25"', '"postgres://[hidden]@host/app"'],
  ['postgres://me:SECRET', 'the port is not a number', '"postgres://…"'],
  ['postgres://host:99999/app?password=SE@CRET', encoded, '"postgres://[hidden]"'],
  ['postgres://host:99999/app?password=SECRET', 'out of range', '"postgres://host:99999/app"'],
  [
    'me:SECRET@host:5432/app',
    'does not begin with a scheme (postgres:// or postgresql://)',
    '"[hidden]@host:5432/app"',
  ],
  ['127.0.0.1:5432', 'does not begin with a scheme', '"127.0.0.1:5432"'],
  ['SECRET', 'does not begin with a scheme', 'it'],
  ['', 'it is empty', 'it'],
  ['mysql://me:SECRET@db/flags', 'its scheme is "mysql", not postgres:// or', '"mysql://[hidden]@db/flags"'],
])('the URL %j is refused with the reason, and shown without its password', (url, reason, shown) => {
  const fault = connectionUrlFault(url, kind)?.reason
  expect(fault).toContain(reason)
  expect(fault).not.toMatch(/SE|CR/)
  expect(shownUrl(url)).toBe(shown)
})
