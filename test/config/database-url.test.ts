// Postgres URLs: what is read from them, and what is said about those that cannot be used.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../lib/config/config.js'
import {
  databaseParts,
  databasePlace,
  databaseSource,
  databaseUrlDoubt,
  parseDatabaseUrl,
  shareableDatabaseUrl,
} from '../../lib/config/database-url.js'
import { ConfigurationError } from '../../lib/errors.js'
import { recordingLogger } from '../support/recording-logger.js'

afterEach(() => vi.unstubAllEnvs())

function message(url: string): string {
  try {
    databaseSource(url)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'no error'
}

describe('a Postgres URL', () => {
  it.each([
    ['postgres://u:p@/db?host=/cloudsql/project:region:instance', '/cloudsql/project:region:instance:5432/db'],
    ['postgres://u:p@/db?host=/dir&port=5433', '/dir:5433/db'],
    ['postgres://u:p@/db?host=/dir/.s.PGSQL.5433', '/dir:5433/db'],
    ['postgres://u:p@:5433/db?host=/dir', '/dir:5433/db'],
    ['postgres:///db?host=/dir', '/dir:5432/db'],
    ['postgres:///?host=/dir&dbname=db', '/dir:5432/db'],
    ['postgres://%2Fvar%2Frun/db', '/var/run:5432/db'],
    ['postgres://u:p@%2Fvar%2Frun:5433/db', '/var/run:5433/db'],
    ['socket:/var/run?db=my%20db', '/var/run:5432/my db'],
    ['socket://u:p@/var/run?db=db&encoding=utf8', '/var/run:5432/db'],
    ['/var/run db', '/var/run:5432/db'],
    ['postgres://u:p@:5433/db', 'localhost:5433/db'],
    ['postgres://[::1]:5433/db', '[::1]:5433/db'],
    ['postgres://h/my%20db', 'h:5432/my db'],
    ['postgres://h/a%2Fb', 'h:5432/a/b'],
  ])('%s leads to %s', (url, place) => {
    expect(databasePlace(databaseParts(url))).toBe(place)
  })

  it('gives user and password of a URL without a host, also with a comma in them', () => {
    expect(parseDatabaseUrl('postgres://me:a%40b,c@/db?host=/dir')).toMatchObject({ user: 'me', password: 'a@b,c' })
    expect(parseDatabaseUrl('postgres://h/db?user=me&password=x')).toMatchObject({ user: 'me', password: 'x' })
  })

  it.each([
    ['', 'disable'],
    ['sslmode=prefer', 'prefer'],
    ['sslmode=require', 'require'],
    ['ssl=true', 'verify-full'],
    ['ssl=false', 'disable'],
    ['ssl=0', 'disable'],
    ['ssl=no-verify', 'no-verify'],
    ['sslrootcert=/a.pem', 'verify-full'],
    ['sslmode=disable&sslrootcert=/a.pem', 'disable'],
  ])('with ?%s has the mode %s', (query, mode) => {
    expect(parseDatabaseUrl(`postgres://h/db?${query}`).tls.mode).toBe(mode)
  })

  it('leaves its mode to PGSSLMODE where it names none', () => {
    vi.stubEnv('PGSSLMODE', 'prefer')
    expect(parseDatabaseUrl('postgres://h/db').tls.mode).toBe('prefer')
    expect(parseDatabaseUrl('postgres://h/db?sslmode=disable').tls.mode).toBe('disable')
    vi.stubEnv('PGSSLMODE', 'on')
    expect(message('postgres://h/db')).toContain('PGSSLMODE cannot be "on"; write one of disable, allow, prefer')
  })

  it('keeps apart two applications with another search_path, also where PGOPTIONS names it', () => {
    const address = (url: string) => resolveConfig({ databaseUrl: url }, {}, {}).address
    const mine = address('postgres://h/db?options=-c%20search_path%3Dmine')
    expect(address('postgres://h/db')).not.toBe(mine)
    vi.stubEnv('PGOPTIONS', '-c search_path=mine')
    expect(address('postgres://h/db')).toBe(mine)
  })

  it.each([
    'pgbouncer=true&connection_limit=1&pool_timeout=10&statement_cache_size=0&schema=public',
    'connect_timeout=5&target_session_attrs=read-write&channel_binding=require&sslmode=require',
    'ApplicationName=x&prepareThreshold=0&currentSchema=public',
    'pool=5&encoding=unicode&pool_max_conns=3&options=',
  ])('with ?%s of another tool is taken without a word', (query) => {
    expect(message(`postgres://h/db?${query}`)).toBe('no error')
    expect(databaseUrlDoubt(`postgres://h/db?${query}`)).toBeNull()
  })

  it('with parameters that are not known is taken, with a warning that names them and no value', () => {
    const logger = recordingLogger()
    resolveConfig({ databaseUrl: 'postgres://h/db?foo=SECRET&bar2=SECRET', logger }, {}, {})
    expect(logger.lines.map(({ message: line }) => line)).toEqual([
      'feature flags: databaseUrl (DATABASE_URL): after "?" there are parameters that have no effect here: "foo", with a name that is not shown',
    ])
  })

  it.each([
    // Schemas.
    [
      'postgres://u:SECRET@h/db?schema=app',
      /"schema" is of another tool.*tables.*'app\.features'.*options=-c%20search_path%3Dapp/,
    ],
    ['postgres://u:SECRET@h/db?currentSchema=app', /"currentSchema" is of another tool/],
    ['postgres://u:SECRET@h/db?search_path=app,public', /"search_path" is of another tool.*search_path%3DSCHEMA/],
    // Other parameters that would change the meaning.
    ['postgres://u:SECRET@h/db?sslmode=requre', /sslmode cannot be "requre"; write one of disable.*no-verify/],
    ['postgres://u:SECRET@h/db?sslmode=verify_full', /did you mean "verify-full"\?/],
    ['postgres://u:SECRET@h/db?ssl_mode=require', /no parameter "ssl_mode"; did you mean "sslmode"\?/],
    ['postgres://u:SECRET@h/db?SSLMODE=require', /did you mean "sslmode"\?/],
    ['postgres://u:SECRET@h/db?sslaccept=strict', /"sslaccept" is not taken; write sslmode=verify-full/],
    ['postgres://u:SECRET@h/db?hostaddr=10.0.0.1', /"hostaddr" is not taken; write the address in the place/],
    ['postgres://u:SECRET@h/db?database=x', /write the name after the host/],
    ['postgres://u:SECRET@h/db?sslmode=disable&sslmode=require', /"sslmode" is there twice/],
    ['postgres://u:SECRET@h/db?client_encoding=latin1', /client_encoding cannot be another one/],
    ['postgres://u:SECRET@h/db?statement_timeout=5s', /not a whole number of milliseconds/],
    ['postgres://u:SECRET@h/db?sslmode=verify-ca&uselibpqcompat=true', /needs an authority; add sslrootcert=/],
    // Places.
    ['postgres://u:SECRET@h1,h2/db', /several hosts, which is not supported; give one address.*pooler.*DNS/],
    ['postgres://u:SECRET@h1:5432,h2:5433/db', /several hosts/],
    ['postgres://u:SECRET@/db?host=h1,h2', /several hosts/],
    ['postgres://u:SECRET@h/db?port=5432,5433', /several ports/],
    ['postgres://u:SECRET@h/db?host=cloudsql/x', /begin the path of a socket's folder with "\/"/],
    ['postgres://u:SECRET@h/db?port=x', /port is not a number/],
    // What is around the URL.
    [' postgres://u:SECRET@h/db', /begins with a blank; remove the blank/],
    ['postgres://u:SECRET@h/db\n', /ends with a line break; remove/],
    ['postgres://u:SECRET@h\n/db', /holds a line break/],
    ['\uFEFFpostgres://u:SECRET@h/db', /begins with a character that cannot be seen/],
    [`'postgres://u:SECRET@h/db'`, /begins with a quote; remove the quotes: an env file of docker keeps them/],
    ['"postgres://u:SECRET@h/db', /begins with a quote/],
    ['postgres://u:SECRET@h/db"', /ends with a quote/],
    ['“postgres://u:SECRET@h/db”', /begins with a quote/],
    ['DATABASE_URL=postgres://u:SECRET@h/db', /begins with the name of a variable/],
    [`psql 'postgres://u:SECRET@h/db'`, /begins with a command; give the URL alone/],
    [`$${'{DATABASE_URL}'}`, /a variable that was not filled in/],
    [' ', /nothing but blanks/],
    // Other schemes.
    ['jdbc:postgresql://h/db?user=u&password=SECRET', /a URL of JDBC; leave "jdbc:" out/],
    ['postgresql+asyncpg://u:SECRET@h/db', /a driver of another language; write postgresql:/],
    ['host=h user=u password=SECRET dbname=db', /a list of settings, not a URL; write it as postgres:/],
    ['postgres:/h/db', /after "postgres" must come ":\/\/"/],
    ['postgres:5432/db', /does not begin with a scheme/],
    ['http://u:SECRET@h/db', /its scheme is "http"/],
    ['Memory', /nearly "memory"; write memory, in small letters/],
    ['"embedded"', /nearly "embedded"/],
    ['postgres://h/100%db', /write it as "%25"/],
    ['postgres://u:SECRET@h/db#1', /holds a "#"/],
    ['postgres://u:p@ss?SECRET@h/db', /must be percent-encoded/],
  ])('%j is refused with what to do, and without its password', (url, said) => {
    expect(message(url)).toMatch(said)
    expect(message(url)).not.toContain('SECRET')
    expect(message(url)).toMatch(/^databaseUrl \(DATABASE_URL\): .+; /)
  })

  it('may name a schema for another tool where the tables name theirs', () => {
    const databaseUrl = 'postgres://h/db?schema=app'
    const resolve = (tables: object) => resolveConfig({ databaseUrl, tables }, {}, {})
    expect(() => resolve({ features: 'flags.features' })).toThrow('"schema" is of another tool')
    expect(resolve({ features: 'flags.features', gates: 'flags.gates' }).database?.known).toBe(databaseUrl)
  })

  it('of several hosts in PGHOST is refused', () => {
    vi.stubEnv('PGHOST', 'a,b')
    expect(message('postgres:///db')).toContain('PGHOST names several hosts')
    expect(message('postgres://h/db')).toBe('no error')
  })

  it.each([
    ['postgres://u:SECRET@h/db', 'postgres://u@h/db'],
    ['postgres://u:SECRET@/db?host=/dir', 'postgres://u@/db?host=/dir'],
    ['postgres://u@h/db?password=SECRET&sslmode=require', 'postgres://u@h/db?sslmode=require'],
    ['postgres://u@h/db', 'postgres://u@h/db'],
    ['memory', 'memory'],
    [`'postgres://u:SECRET@h/db'`, null],
    ['postgres://u:SEC/RET@h/db', null],
    ['u:SECRET@h/db', null],
  ])('%s is shared with another terminal as %s', (url, shared) => {
    expect(shareableDatabaseUrl(url)).toBe(shared)
  })
})
