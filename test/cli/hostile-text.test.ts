// Text that steers terminals, in every place where outsiders can leave some: no command shows it as it is.
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { escapeLiteral } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisKeys } from '../../lib/cache/redis/keys.js'
import { makeRoot } from '../support/project.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'
import { expectClean, hostile } from './hostile.js'
import { definition, type Ran, type RunOptions, run } from './run.js'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
  await fillProject()
})
afterAll(() => database.close())

const flag = `flag ${hostile}`
const actor = `User:${hostile}`
const group = `group ${hostile}`
const person = `person ${hostile}`

beforeEach(async () => {
  root = makeRoot({
    'config/feature_flags/development/good.yml': definition('good'),
    'config/feature_flags/development/dark_mode.yml': `name: dark_mode\ndescription: ${JSON.stringify(hostile)}\nmilestone: '1.0'\ngroup: ${JSON.stringify(`group::${hostile}`)}\ntype: development\ndefault_enabled: false\n`,
    'config/feature_flags/development/bad.yml': `name: bad\ntype: ${JSON.stringify(hostile)}\nmilestone: ${JSON.stringify(hostile.repeat(9))}\ndefault_enabled: ${JSON.stringify(hostile)}\n${JSON.stringify(hostile)}: 1\n`,
    [`config/feature_flags/development/${hostile.replaceAll('/', '')}.yml`]: 'name: [\n',
  })
  await database.query(rowsSql())
})

/** A project in which every text that a person or SQL can write is hostile. */
async function fillProject(): Promise<void> {
  const id = "(select id from project_directory where path = 'shop')"
  await database.query("insert into project_directory (path, name) values ('shop', $1)", [hostile.slice(0, 200)])
  await database.query(`insert into project_user_lists (project_id, iid, name, user_xids) values (${id}, 1, $1, $1)`, [
    hostile.replaceAll(',', ''),
  ])
  const strategies = [
    { id: 1, name: 'default', parameters: {}, user_list_id: null, scopes: [{ id: 2, environment_scope: hostile }] },
    { id: 3, name: 'userWithId', parameters: { userIds: hostile }, scopes: [{ id: 4, environment_scope: '*' }] },
    { id: 5, name: 'flexibleRollout', parameters: { groupId: hostile, rollout: hostile }, scopes: [] },
  ]
  await database.query(
    `insert into project_flags (project_id, iid, name, description, strategies) values (${id}, 1, $1, $1, $2)`,
    [flag, JSON.stringify(strategies)],
  )
  await database.query(
    `insert into project_instance_ids (project_id, name, secret, environment) values (${id}, $1, 'secret', $1)`,
    [hostile],
  )
  await database.query('update project_history set author = $1, source = $1, reason = $1', [person])
}

/** In one message and one transaction: a hundred tests begin with it. */
function rowsSql(): string {
  const text = escapeLiteral
  const gates = [
    ['actors', actor],
    ['actors', `${actor}:opt_out`],
    ['groups', group],
    [`gate ${hostile}`, hostile],
    ['boolean', hostile],
    ['percentage_of_actors', hostile],
  ] as const
  const statements = ['feature_gates', 'features', 'feature_history', 'feature_tokens'].map(
    (table) => `delete from ${table}`,
  )
  for (const key of [flag, 'dark_mode']) {
    statements.push(`insert into features (key) values (${text(key)})`)
    for (const [gate, value] of gates) {
      statements.push(
        `insert into feature_gates (feature_key, key, value) values (${text(key)}, ${text(gate)}, ${text(value)})`,
      )
    }
    for (const gate of ['actors', hostile]) {
      const [named, who] = [text(gate), text(person)]
      statements.push(
        `insert into feature_history (version, nonce, feature_key, gate_key, value, operation, author, source, reason, change_id)
         select version, nonce, ${text(key)}, ${named}, ${who}, 'added', ${who}, ${who}, ${who}, ${who} from feature_state`,
      )
    }
  }
  const digest = createHash('sha256').update('secret').digest('hex')
  statements.push(
    `insert into feature_tokens (id, name, digest, scopes)
     values (${text(person)}, ${text(person)}, decode('${digest}', 'hex'), array[${text(hostile)}])`,
  )
  return statements.join(';\n')
}

function cli(argv: readonly string[], options: Partial<RunOptions> = {}): Promise<Ran> {
  return run(argv, { root, ...options, options: { databaseUrl: database.url, ...options.options } })
}

/** Without the hostile part, which the terminal of the tests' own reporter would show. */
const titleOf = (argv: readonly string[]) => argv.map((word) => word.split('\u001b')[0] || 'TEXT').join(' ')

const commands: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--type', hostile],
  ['get', flag],
  ['get', 'dark_mode'],
  ['get', hostile],
  ['get', 'bad'],
  ['history', flag],
  ['history', 'dark_mode'],
  ['history', 'dark_mode', '--limit', hostile],
  ['status'],
  ['validate'],
  ['token', 'list'],
  ['token', 'revoke', hostile],
  ['token', 'revoke', person],
  ['token', 'create', '--name', hostile],
  ['set', flag, 'true'],
  ['set', flag, 'true', '--force', '--feature-group', group, '--reason', hostile],
  ['set', 'dark_mode', 'true', '--user', hostile],
  ['set', 'dark_mode', hostile],
  ['set', 'dark_mode', 'true', '--force', '--endpoint', actor.slice(0, 60), '--reason', hostile],
  ['set', hostile, hostile, '--actors'],
  ['delete', hostile],
  ['delete', flag, '--force'],
  ['import', hostile],
  ['export'],
  ['migrate', '--grant', hostile],
  ['create', hostile],
  ['create', 'new_flag', '-t', hostile],
  ['create', 'new_flag', '-g', hostile],
  ['create', 'new_flag', '-g', 'group::a', '-m', hostile],
  ['create', 'new_flag', '-g', 'group::a', '-m', '', '-i', '', '--milestone', hostile],
  ['create', 'new_flag', '-g', 'group::a', '-m', '', '-i', '', '--description', hostile, '-n'],
  ['project', 'list'],
  ['project', 'show', 'shop'],
  ['project', 'show', hostile],
  ['project', 'settings', 'shop'],
  ['project', 'flags', 'list', 'shop'],
  ['project', 'flags', 'show', 'shop', flag],
  ['project', 'flags', 'show', 'shop', hostile],
  ['project', 'set', 'shop', flag, '--env', hostile, '--all', '--reason', hostile, '--dry-run'],
  ['project', 'lists', 'list', 'shop'],
  ['project', 'lists', 'show', 'shop', '1'],
  ['project', 'instance-id', 'list', 'shop'],
  ['project', 'configure', 'shop', '--sdk', 'python'],
  ['project', 'evaluate', 'shop', '--env', hostile, '--user', hostile],
  ['project', 'history', 'shop'],
  ['project', 'import', 'shop', hostile],
  [hostile],
  ['list', `--${hostile}`],
  ['--root', `/${hostile}`, 'list'],
]

describe.each([
  ['on a terminal', true],
  ['in a pipe', false],
] as const)('hostile text %s', (_, terminal) => {
  it.each(commands.map((argv) => [titleOf(argv), argv] as const))(
    'reaches neither stdout nor stderr of %s',
    async (_name, argv) => {
      const ran = await cli(argv, terminal ? { typed: [] } : {})
      expect(ran.stdout + ran.stderr).not.toBe('')
      expectClean(ran.stdout, terminal)
      expectClean(ran.stderr, terminal)
    },
  )

  it('is not shown by warnings in the log of a command', async () => {
    const { logger: _logger, ...options } = { logger: undefined, databaseUrl: database.url }
    const ran = await cli(['get', 'dark_mode'], { ...(terminal ? { typed: [] } : {}), options })
    expectClean(ran.stderr, terminal)
  })
})

describe('hostile text in JSON', () => {
  it.each(
    [
      ['list', '--json'],
      ['get', flag, '--json'],
      ['get', 'dark_mode', '--json'],
      ['history', flag, '--json'],
      ['status', '--json'],
      ['validate', '--json'],
      ['validate', '--format', 'codequality'],
      ['token', 'list', '--json'],
      ['token', 'revoke', person, '--json'],
      ['delete', flag, '--force', '--json'],
      ['project', 'history', 'shop', '--json'],
      ['project', 'export', 'shop'],
      ['export'],
    ].map((argv) => [titleOf(argv), argv] as const),
  )('is escaped in the output of %s', async (_, argv) => {
    const { stdout } = await cli(argv, { typed: [] })
    expectClean(stdout, false)
    expect(() => JSON.parse(stdout)).not.toThrow()
  })

  it('reads back as the value that is stored', async () => {
    const get = JSON.parse((await cli(['get', flag, '--json'])).stdout)
    expect(get.name).toBe(flag)
    const values = get.gates.flatMap((gate: { value: unknown }) => gate.value)
    expect(values).toEqual(expect.arrayContaining([actor, `${actor}:opt_out`, group]))
    const { stdout } = await cli(['history', flag, '--json'])
    const [entry] = JSON.parse(stdout).filter(({ author }: { author: string }) => author === person)
    expect(entry).toMatchObject({ feature: flag, value: person, source: person, reason: person, change_id: person })
    expect(JSON.parse((await cli(['token', 'list', '--json'])).stdout)[0]).toMatchObject({ id: person, name: person })
    const { definition: shown } = JSON.parse((await cli(['get', 'dark_mode', '--json'])).stdout)
    expect(shown).toMatchObject({ description: hostile, group: `group::${hostile}` })
    const { faults } = JSON.parse((await cli(['validate', '--json'])).stdout)
    expect(faults.map(({ field }: { field: string | null }) => field)).toContain(hostile)
  })

  it('is escaped in an exported file, too', async () => {
    const file = join(root, 'flags.json')
    await cli(['export', file])
    const text = readFileSync(file, 'utf8')
    expectClean(text, false)
    const { features } = JSON.parse(text)
    expect(features.map(({ key }: { key: string }) => key)).toContain(flag)
    expect(JSON.parse((await cli(['export'])).stdout).features).toEqual(features)
  })
})

describe('text of other programs', () => {
  it('is made printable where a configuration file fails', async () => {
    writeFileSync(join(root, 'feature.config.mjs'), `throw new Error(${JSON.stringify(hostile)})`)
    for (const terminal of [true, false]) {
      const { code, stderr } = await cli(['list'], terminal ? { typed: [] } : {})
      expect([code, stderr.trimEnd().split('\n').length]).toEqual([1, 1])
      expectClean(stderr, terminal)
    }
  })

  it('is made printable where a file of an import is no JSON', async () => {
    const { stderr } = await cli(['import', '-'], { input: `{ ${hostile}` })
    expectClean(stderr, false)
  })

  it('is made printable where Postgres refuses a statement', async () => {
    await database.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception '%', convert_from('\\x1b5b324a0a464f524745443a206c696e65', 'utf8') || chr(155) || chr(8238); end $$`,
    )
    await database.query('create trigger refuse before insert on features for each row execute function refuse()')
    try {
      const { code, stderr } = await cli(['set', 'good', 'true'], { typed: [] })
      // On a terminal the preview comes first; the refusal is one line, the last.
      const lines = stderr.trimEnd().split('\n')
      expect([code, lines.filter((line) => line.includes('FORGED'))]).toEqual([1, lines.slice(-1)])
      expectClean(stderr, true)
    } finally {
      await database.query('drop trigger refuse on features; drop function refuse()')
    }
  })

  it('is made printable in the names of processes that --wait waits for', async () => {
    const redis = await startRedis()
    const client = new Redis(redis.url)
    try {
      const namespace = `wait-${randomUUID()}`
      const shared = { redisUrl: redis.url, env: 'staging', namespace }
      await cli(['set', 'good', 'true', '--wait'], { typed: [], options: shared })
      const [directory = ''] = await client.keys('sluice:3:at:*')
      const [identity = ''] = await client.zrange(directory, '0', '0')
      const { members } = redisKeys({ signed: false }).of(identity)
      await client.zadd(members, Date.now(), String(person))
      await client.zadd(members, Date.now(), 'frozen:1')
      const { code, stderr } = await cli(['set', 'good', 'true', '--wait'], { typed: [], options: shared })
      expect([code, stderr.includes('frozen:1')]).toEqual([1, true])
      expectClean(stderr, true)
    } finally {
      client.disconnect()
      await redis.stop()
    }
  })
})
