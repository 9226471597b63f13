// The configuration, from options, the environment and the file.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { resolveConfig, resolveWithDatabase } from '../../lib/config/config.js'
import { loadConfigFile } from '../../lib/config/file.js'
import { readEnvironment } from '../../lib/config/environment.js'
import { silentLogger } from '../../lib/log.js'
import type { FeatureOptions, ServerLimits } from '../../lib/config/options.js'
import { recordingLogger } from '../support/recording-logger.js'

describe('the configuration', () => {
  it('takes options before the environment, the environment before the file, the file before defaults', () => {
    const env = { FEATURE_ENV: 'staging', REDIS_URL: 'redis://env' }
    const config = resolveConfig({ redisUrl: 'redis://option' }, { env: 'test', namespace: 'file', listen: false }, env)
    expect(config).toMatchObject({ env: 'staging', redisUrl: 'redis://option', namespace: 'file', pollIntervalMs: 250 })
  })

  it('prefers FEATURE_ENV to NODE_ENV, and takes an empty variable for none', () => {
    expect(resolveConfig({}, {}, { FEATURE_ENV: 'test', NODE_ENV: 'production' }).env).toBe('test')
    expect(resolveConfig({}, {}, { FEATURE_ENV: '', NODE_ENV: 'test' }).env).toBe('test')
    expect(resolveConfig({}, {}, { FEATURE_ENV: ' ', NODE_ENV: 'test' }).env).toBe('test')
    expect(resolveConfig({}, {}, {}).env).toBe('development')
  })

  it('is strict everywhere but in production, with a switch for staging servers', () => {
    const strict = (env: NodeJS.ProcessEnv, options: FeatureOptions = {}) => resolveConfig(options, {}, env).strict
    expect(strict({ NODE_ENV: 'production' })).toBe(false)
    expect(strict({ NODE_ENV: 'staging' })).toBe(true)
    expect(strict({ NODE_ENV: 'staging', FEATURE_STRICT: '0' })).toBe(false)
    expect(strict({ NODE_ENV: 'production', FEATURE_STRICT: '1' })).toBe(true)
    expect(strict({ FEATURE_STRICT: '1' }, { strict: false })).toBe(false)
  })

  it('chooses embedded in development, memory in test, and none in production without DATABASE_URL', () => {
    const store = (env: NodeJS.ProcessEnv, options: FeatureOptions = {}) => resolveConfig(options, {}, env).store
    expect(store({})).toEqual({ kind: 'embedded' })
    expect(store({ NODE_ENV: 'test' })).toEqual({ kind: 'memory' })
    expect(store({ NODE_ENV: 'production' })).toMatchObject({ kind: 'missing' })
    expect(store({ NODE_ENV: 'production' }, { databaseUrl: 'embedded' })).toEqual({ kind: 'embedded' })
    expect(store({ DATABASE_URL: 'postgres://db/flags' })).toEqual({ kind: 'postgres', url: 'postgres://db/flags' })
  })

  it.each(['prod', 'Production', 'producton', 'production ', 'live', 'production-eu'])(
    'makes no embedded database in the environment %j, and says what to set',
    (env) => {
      const root = mkdtempSync(join(tmpdir(), 'sluice-env-'))
      const logger = recordingLogger()
      try {
        const resolve = (options: FeatureOptions = {}) =>
          resolveConfig({ root, logger, ...options }, {}, { NODE_ENV: env }).store
        expect(resolve()).toEqual({
          kind: 'missing',
          fault: {
            problem: expect.stringContaining(
              `the environment is "${env}": where the name is like "production", none is`,
            ),
            remedy: expect.stringMatching(/set DATABASE_URL.*databaseUrl: 'embedded'.*NODE_ENV to "production"/),
          },
        })
        expect(logger.lines).toEqual([])
        expect(resolve({ databaseUrl: 'embedded' })).toEqual({ kind: 'embedded' })
        // The flags of a database that is there are not taken away.
        mkdirSync(join(root, '.feature/postgres/data'), { recursive: true })
        expect(resolve()).toEqual({ kind: 'embedded' })
        expect(logger.lines.at(-1)?.message).toContain('embedded database that is here is used')
      } finally {
        rmSync(root, { recursive: true })
      }
    },
  )

  it('warns of a database in memory in production, and not elsewhere', () => {
    const warnings = (env: string) => {
      const logger = recordingLogger()
      resolveConfig({ env, databaseUrl: 'memory', logger }, {}, {})
      return logger.lines.map(({ message }) => message).filter((message) => message.includes('memory'))
    }
    expect(warnings('production')).toEqual([expect.stringContaining('changes are gone when it ends')])
    expect(warnings('prod')).toHaveLength(1)
    expect(warnings('staging')).toEqual([])
  })

  it('gives processes that find the database at the same place the same address, whichever user asks, and encrypted or not', () => {
    const address = (url: string, options: FeatureOptions = {}) =>
      resolveConfig({ databaseUrl: url, ...options }, {}, {}).address
    const mine = address('postgres://me:secret@db/flags')
    for (const same of ['postgres://you:other@db/flags', 'postgres://me@db:5432/flags?sslmode=require'])
      expect(address(same)).toBe(mine)
    for (const other of ['me@db/others', 'me@db:5433/flags', 'me@other/flags', 'me@db/flags?host=/var/run'])
      expect(address(`postgres://${other}`)).not.toBe(mine)
    expect(address('postgres://me@db/flags', { env: 'staging' })).not.toBe(mine)
    expect(address('postgres://me@db/flags', { tables: { features: 'flipper_features' } })).not.toBe(mine)
  })

  it('takes a configured namespace as the address, wherever the database is found', () => {
    const address = (url: string, namespace: string) => resolveConfig({ databaseUrl: url, namespace }, {}, {}).address
    expect(address('postgres://one/flags', 'ours')).toBe(address('postgres://two:6543/flags', 'ours'))
    expect(address('postgres://one/flags', 'ours')).not.toBe(address('postgres://one/flags', 'theirs'))
    expect(resolveConfig({ namespace: 'ours' }, {}, {}).namespace).toBe('ours')
    const files = ['one', 'two'].map((host) =>
      resolveConfig({ databaseUrl: `postgres://${host}/flags`, namespace: 'ours' }, {}, {}),
    )
    expect(files[0]?.diskFile).not.toBe(files[1]?.diskFile)
    expect(files[0]?.diskAddress).not.toBe(files[1]?.diskAddress)
    expect(resolveConfig({}, {}, {}).namespace).toBeNull()
  })

  it('asks a function for the secret of the cache once, and shows the secret nowhere', async () => {
    const cacheSecret = vi.fn(async () => 'a secret of more than thirty-two characters')
    const config = await resolveWithDatabase({ databaseUrl: 'memory', cacheSecret }, {}, {})
    expect(config.cacheSecret()).toBe('a secret of more than thirty-two characters')
    expect(cacheSecret).toHaveBeenCalledTimes(1)
    expect(JSON.stringify(config)).not.toContain('thirty-two')
    const fromEnvironment = await resolveWithDatabase(
      { databaseUrl: 'memory' },
      {},
      { FEATURE_CACHE_SECRET: 'x'.repeat(32) },
    )
    expect(fromEnvironment.cacheSecret()).toBe('x'.repeat(32))
    const failing = resolveWithDatabase(
      { databaseUrl: 'memory', cacheSecret: () => Promise.reject(new Error('no')) },
      {},
      {},
    )
    await expect(failing).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('cacheSecret'),
    })
    expect(() => resolveConfig({ cacheSecret: 7 as never }, {}, {})).toThrow(
      '"cacheSecret" cannot be this number; give a text',
    )
  })

  it('logs an environment that is nearly a known one, once the file is known', () => {
    const logger = recordingLogger()
    resolveConfig({ env: 'producton', databaseUrl: 'embedded', logger }, undefined, {})
    expect(logger.lines).toEqual([])
    resolveConfig({ env: 'producton', databaseUrl: 'embedded', logger }, {}, {})
    resolveConfig({ env: 'staging', logger }, {}, {})
    const message = 'feature flags: the environment is "producton"; did you mean "production"?'
    expect(logger.lines).toEqual([{ level: 'warn', fields: {}, message }])
  })

  it('takes a list without folders: there are no definitions', () => {
    const config = resolveConfig({ definitionPaths: [] }, { definitionPaths: ['flags'] }, {})
    expect(config.definitionPaths).toEqual([])
  })

  it.each([
    ['error', 'error'],
    ['WARN', 'warn'],
    [' info ', 'info'],
    ['warning', 'warn'],
    ['trace', 'debug'],
    ['silent', 'silent'],
    ['Fatal', 'silent'],
    ['off', 'silent'],
    ['none', 'silent'],
    ['', undefined],
    [' ', undefined],
  ])('reads FEATURE_LOG_LEVEL=%j as the level %j', (text, level) => {
    expect(readEnvironment({ FEATURE_LOG_LEVEL: text }).logLevel).toBe(level)
  })

  it('logs nothing with `logger: false`, whatever the level, or with the level silent', () => {
    const off = resolveConfig({ logger: false }, {}, { FEATURE_LOG_LEVEL: 'debug' })
    expect(off.logger).toBe(silentLogger)
    expect(resolveConfig({}, { logger: false }, {}).logger).toBe(silentLogger)
    expect(resolveConfig({}, {}, { FEATURE_LOG_LEVEL: 'silent' }).logger).toBe(silentLogger)
    const logger = recordingLogger()
    expect(resolveConfig({ logger }, {}, { FEATURE_LOG_LEVEL: 'silent' }).logger).toBe(logger)
  })

  it('joins tables and limits key by key', () => {
    const config = resolveConfig(
      { limits: { actorsPerFlag: 5 } },
      { limits: { snapshotBytes: 9 }, tables: { gates: 'g' } },
      {},
    )
    expect(config.limits).toEqual({ actorsPerFlag: 5, optOutsPerFlag: 10_000, snapshotBytes: 9 })
    expect(config.tables).toEqual({ features: 'features', gates: 'g' })
  })

  it('joins what the server allows key by key, and an undefined value counts as absent', () => {
    const unset: Partial<ServerLimits> = { connections: 5 }
    Reflect.set(unset, 'hosts', undefined)
    const config = resolveConfig(
      { server: unset },
      { server: { connections: 6, requestsPerMinute: 7, hosts: ['flags.example.com'] } },
      {},
    )
    expect(config.server).toEqual({
      connections: 5,
      connectionsPerAddress: 500,
      streams: 10_000,
      requestsPerConnection: 1_000,
      requestsPerMinute: 7,
      changesPerMinute: 60,
      wrongTokensPerMinute: 10,
      pollsPerMinute: 6_000,
      reportsPerMinute: 6_000,
      wrongInstanceIdsPerMinute: 60,
      hosts: ['flags.example.com'],
      trustedProxies: [],
    })
  })

  it.each([
    null,
    [],
    { connection: 1 },
    { connections: 0 },
    { connectionsPerAddress: 1.5 },
    { requestsPerConnection: '10' },
    { requestsPerMinute: Number.POSITIVE_INFINITY },
    { changesPerMinute: -1 },
    { wrongTokensPerMinute: null },
    { hosts: 'flags.example.com' },
    { hosts: ['https://flags.example.com'] },
    { hosts: ['flags.example.com:443'] },
    { hosts: ['*'] },
    { hosts: [''] },
    { trustedProxies: ['proxy.example.com'] },
    { trustedProxies: ['10.0.0.0/33'] },
    { trustedProxies: ['10.0.0.0/'] },
    { trustedProxies: ['10.0.0.0/8/8'] },
    { trustedProxies: true },
  ])('refuses %j as what the server allows', (server) => {
    const options = { server } as unknown as FeatureOptions
    expect(() => resolveConfig(options, {}, {})).toThrow(
      /^options: "server" cannot be (?:this .+|null); give an object with/,
    )
  })

  it.each(['', 'a\nb', 'x'.repeat(256)])('refuses the name %j for a group, which no check could register', (name) => {
    expect(() => resolveConfig({ groups: { [name]: () => true } }, {}, {})).toThrow(
      'options: "groups" cannot be this object; give an object of predicates by group name (1 to 255 characters',
    )
  })

  it('takes names, addresses and networks for the server', () => {
    const server = {
      hosts: ['Flags.example.com', 'flags', '10.0.0.1', '[fd00::1]'],
      trustedProxies: ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'],
    }
    expect(resolveConfig({ server }, {}, {}).server).toMatchObject(server)
  })

  it.each([
    [{ databseUrl: 'x' }, 'did you mean "databaseUrl"'],
    [{ strict: 'yes' }, '"strict" cannot be "yes"; give true or false'],
    [{ pollIntervalMs: 0 }, 'pollIntervalMs'],
    [{ pollIntervalMs: Number.NaN }, 'pollIntervalMs'],
    [{ namespace: 'a b' }, 'namespace'],
    [{ tables: { feature: 'x' } }, 'tables'],
    [{ definitionPaths: [''] }, 'definitionPaths'],
    [{ definitionPaths: false }, 'definitionPaths'],
    [{ groups: { admins: true } }, 'groups'],
    [{ milestones: 'weekly' }, 'milestones'],
    [{ milestones: { '1.4': 'soon' } }, 'milestones'],
    [{ typesFile: '../flags.d.ts' }, 'typesFile'],
    [{ typesFile: 'flags.json' }, 'typesFile'],
    [{ actors: { Project: { find: () => null } } }, 'actors'],
    [{ actors: { User: { id: 'User;' } } }, 'actors.User.id: the pattern "User;" has {id} nowhere; write {id} once'],
    [{ actors: { User: { id: '{id};{id}' } } }, 'has {id} 2 times'],
    [{ actors: { User: { id: '' } } }, 'has {id} nowhere'],
    [{ actors: { User: { id: 5 } } }, 'the pattern is "5"; give a text such as "User;{id}"'],
    [{ actors: { User: { id: null } } }, 'the pattern is "null"'],
    [{ actors: { User: { id: 'User; {id}' } } }, 'holds a blank, a comma or a character that cannot be seen'],
    [{ actors: { User: { id: 'User,{id}' } } }, 'a comma'],
    [{ actors: { User: { id: 'User\n{id}' } } }, 'cannot be seen'],
    [{ actors: { User: { id: 'User;{ID}{id}' } } }, 'a brace that does not belong to {id}'],
    [{ actors: { User: { id: '{id}:opt_out' } } }, 'which marks an opt-out'],
    [{ actors: { User: { id: `${'x'.repeat(252)}{id}` } } }, 'has 256 bytes; give at most 255'],
    [{ actors: { User: {}, Member: { id: 'User:{id}' } } }, '"User:{id}" is the pattern of "User" too'],
    [{ actors: { A: { id: '{id}' }, B: { id: '{id}' } } }, 'actors.B.id: "{id}" is the pattern of "A" too'],
    [{ actors: { Pod: { id: 'FlipperPod:{id}' } } }, 'is the pattern of "FlipperPod" too'],
    [{ limits: { actorsPerFlag: -1 } }, 'limits'],
    [{ limits: { optOutsPerFlag: 1.5 } }, 'limits'],
    [{ logger: console.log }, 'logger'],
    [{ logger: true }, 'or false'],
    [{ logger: null }, 'or false'],
    [{ logger: { info() {} } }, 'or false'],
    [{ types: { ops: { description: 'mine' } } }, 'built in'],
  ])('refuses %j with a message that says what to do', (options, message) => {
    expect(() => resolveConfig(options as FeatureOptions, {}, {})).toThrow(message)
  })

  it('never shows the password of a URL that it refuses', () => {
    const attempt = () => resolveConfig({ databaseUrl: 'mysql://me:hunter2@db/flags' }, {}, {})
    expect(attempt).toThrow('no Postgres URL')
    expect(attempt).not.toThrow('hunter2')
  })

  it.each([
    ['FEATURE_STRICT', 'perhaps'],
    ['FOSS_ONLY', '2'],
    ['FEATURE_LOG_LEVEL', 'loud'],
    ['FEATURE_LOG_LEVEL', '30'],
    ['FEATURE_LOG_LEVEL', 'constructor'],
  ])('refuses the environment variable %s=%s', (name, value) => {
    expect(() => resolveConfig({}, {}, { [name]: value })).toThrow(`${name} is "${value}"`)
  })
})

describe('the configuration file', () => {
  async function inFolder<T>(files: Record<string, string>, run: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-config-'))
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      return await run(folder)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('is optional', async () => {
    expect(await inFolder({}, loadConfigFile)).toEqual({})
  })

  it('is loaded from TypeScript', async () => {
    const text = 'const poll: number = 500\nexport default { pollIntervalMs: poll satisfies number }'
    expect(await inFolder({ 'feature.config.ts': text }, loadConfigFile)).toEqual({ pollIntervalMs: 500 })
  })

  it('is loaded from an ES module', async () => {
    expect(await inFolder({ 'feature.config.mjs': "export default { env: 'staging' }" }, loadConfigFile)).toEqual({
      env: 'staging',
    })
  })

  it.each([
    ['feature.config.mts', 'export default { pollIntervalMs: 500 as number }'],
    ['feature.config.cts', 'module.exports = { pollIntervalMs: 500 as number }'],
    ['feature.config.cts', 'export = { pollIntervalMs: 500 }'],
    ['feature.config.cts', 'export default { pollIntervalMs: 500 }'],
    ['feature.config.cjs', 'module.exports = { pollIntervalMs: 500 }'],
    ['feature.config.js', 'export default { pollIntervalMs: 500 }'],
    ['feature.config.js', 'module.exports = { pollIntervalMs: 500 }'],
    ['feature.config.mjs', 'export default Promise.resolve({ pollIntervalMs: 500 })'],
    // What a compiler makes of `export default`.
    ['feature.config.js', 'exports.__esModule = true\nexports.default = { pollIntervalMs: 500 }'],
    ['feature.config.json', '\ufeff{ "pollIntervalMs": 500 }'],
  ])('is loaded from %s: %s', async (name, text) => {
    expect(await inFolder({ [name]: text }, loadConfigFile)).toEqual({ pollIntervalMs: 500 })
  })

  it('is the source, where a compiler has written its output beside it', async () => {
    const files = { 'feature.config.js': 'export default {}', 'feature.config.ts': 'export default { strict: true }' }
    expect(await inFolder(files, loadConfigFile)).toEqual({ strict: true })
  })

  it.each([
    ['feature.config.mjs', 'export const a = 1', 'has no default export; write export default defineConfig({ … })'],
    ['feature.config.ts', 'export const a = 1', 'has no default export; write export default defineConfig({ … })'],
    ['feature.config.ts', '', 'has no default export; write export default defineConfig({ … })'],
    ['feature.config.mjs', 'export default () => ({})', 'the default export of feature.config.mjs is a function'],
    ['feature.config.ts', 'export default [1]', 'the default export of feature.config.ts is a list'],
    ['feature.config.cjs', 'module.exports = 5', 'is number "5", and not an object of options; write module.exports'],
    ['feature.config.json', 'null', 'the content of feature.config.json is null'],
    ['feature.config.json', '{ env: 1 }', 'feature.config.json could not be loaded'],
    ['feature.config.ts', 'throw new Error("broken")', 'feature.config.ts could not be loaded: broken'],
    ['Feature.config.ts', 'export default {}', '"Feature.config.ts" in "'],
    ['FEATURE.CONFIG.JS', 'export default {}', 'rename it to one of feature.config.ts, feature.config.mts'],
    ['feature.config.TS', 'export default {}', '"feature.config.TS"'],
    ['feature.config.tsx', 'export default {}', '"feature.config.tsx"'],
    ['feature.config.yml', 'env: staging', '"feature.config.yml"'],
    ['feature.config.jsonc', '{}', '"feature.config.jsonc"'],
  ])('says what is wrong with %s: %s', async (name, text, message) => {
    await expect(inFolder({ [name]: text }, loadConfigFile)).rejects.toThrow(message)
  })

  it.each(['feature.config.d.ts', 'feature.config.ts.orig', 'feature.config.js.map', 'feature.configuration.ts'])(
    'is not %s',
    async (name) => {
      expect(await inFolder({ [name]: 'not read' }, loadConfigFile)).toEqual({})
    },
  )

  it('is none where the folder is not there', async () => {
    expect(await loadConfigFile(join(tmpdir(), 'sluice-config-that-is-not-there'))).toEqual({})
  })
})
