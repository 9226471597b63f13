// What every command says on a terminal, in a pipe and as JSON, compared to the byte with the record beside this file. Where an
// output is meant to change, `npx vitest run test/recorded --update` writes the record anew; its difference belongs in the commit.
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { FeatureOptions } from '../../lib/config/options.js'
import { definition, makeRoot, type RunOptions, run, sampleFiles } from '../cli/run.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { blanked } from './blank.js'

interface Call {
  readonly argv: string
  /** What comes through the pipe. */
  readonly input?: string
  /** What is typed on a terminal once a text is seen. */
  readonly typed?: RunOptions['typed']
  readonly env?: string
}

// Columns are as wide as the author's name.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  userInfo: () => ({ username: 'person' }),
}))

const gitLabStrategy = (name: string, parameters: object) => ({
  id: 1,
  name,
  parameters,
  scopes: [{ id: 1, environment_scope: 'production' }],
  user_list: null,
})
const gitLabFlag = (name: string, strategies: readonly object[]) => ({
  name,
  description: null,
  active: true,
  version: 'new_version_flag',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  scopes: [],
  strategies,
})

const files = {
  ...sampleFiles,
  'package.json': '{"name":"shop","version":"16.10.3"}',
  'config/feature_flags/development/broken.yml': 'name: broken\ntype: development\ndefault_enabled: maybe\n',
  'config/feature_flags/wip/long_name.yml': definition('long_name_of_a_flag_that_many_people_will_read', 'wip'),
  'backup.json': JSON.stringify({
    format: 'sluice-export',
    version: 1,
    position: null,
    features: [{ key: 'canary', gates: { boolean: ['true'] } }],
  }),
  'gitlab.json': JSON.stringify([
    gitLabFlag('checkout', [
      gitLabStrategy('flexibleRollout', { groupId: 'default', rollout: '25', stickiness: 'USERID' }),
    ]),
    gitLabFlag('search_v2', [gitLabStrategy('gradualRolloutUserId', { groupId: 'group-1', percentage: '10' })]),
    { ...gitLabFlag('old_one', []), version: 'legacy_flag' },
    { id: 5, iid: 1, name: 'beta', user_xids: '1,2', project_id: 9, created_at: '', updated_at: '' },
  ]),
  'damaged.json': '{"format":"sluice-export","version":1,"features":[{"key":',
}

const commands = [
  'create',
  'validate',
  'types',
  'review',
  'list',
  'get',
  'explain',
  'set',
  'delete',
  'undo',
  'history',
  'status',
  'console',
  'serve',
  'migrate',
]
const more = ['token', 'token create', 'token list', 'token revoke', 'export', 'import']
const ofProjects = [
  ...['', ' create', ' list', ' show', ' settings', ' delete'],
  ...[' flags', ' flags list', ' flags show', ' flags create', ' flags rename', ' flags delete', ' set'],
  ...[' lists', ' lists list', ' lists show', ' lists create', ' lists change', ' lists delete'],
  ...[' instance-id', ' instance-id list', ' instance-id create', ' instance-id retire'],
  ...[' configure', ' evaluate', ' history', ' export', ' import'],
].map((command) => `project${command}`)

/** Everything that a person may ask for, each command in its successes and its refusals; the order matters. */
const calls: readonly Call[] = [
  { argv: '--help' },
  { argv: 'help' },
  ...[...commands, ...more, ...ofProjects].map((command) => ({ argv: `${command} --help` })),
  { argv: 'lst' },
  { argv: 'list --nonsense' },
  { argv: '--root' },
  { argv: 'list --root ROOT/nowhere' },
  { argv: 'enable dark_mode' },
  { argv: 'stale' },
  { argv: 'dark_mode true' },
  { argv: 'list --group group::test' },
  { argv: 'validate' },
  { argv: 'validate --format gitlab' },
  { argv: 'validate --quiet' },
  { argv: 'validate ROOT/config/feature_flags/ops/canary.yml config/feature_flags/ops/gone.yml' },
  { argv: 'validate package.json' },
  { argv: 'types' },
  { argv: 'types --check' },
  { argv: 'types --out ../flags.d.ts' },
  { argv: 'review --base main' },
  { argv: 'migrate' },
  { argv: 'migrate --grant nobody_of_that_name' },
  { argv: 'status' },
  { argv: 'list' },
  { argv: 'list --stored' },
  { argv: 'list --type ops' },
  { argv: 'list --type nonsense' },
  { argv: 'list --format markdown' },
  { argv: 'get dark_mode' },
  { argv: 'get dark_mod' },
  { argv: 'get broken' },
  { argv: 'set dark_mode true' },
  { argv: 'set dark_mode true' },
  { argv: 'set dark_mode 25 --actors' },
  { argv: 'set dark_mode false' },
  { argv: 'set dark_mode 25 --actors --reason holiday' },
  { argv: 'set dark_mode 50 --actors --dry-run' },
  { argv: 'undo --dry-run' },
  { argv: 'set dark_mode 25 --random' },
  { argv: 'set dark_mode true --project 42,gitlab-org/gitlab --user 7' },
  { argv: 'set dark_mode --opt-out --user 1' },
  { argv: 'set dark_mode true --user 1' },
  { argv: 'set dark_mode --remove-opt-out --user 1' },
  { argv: 'set dark_mode --remove-opt-out --user 1' },
  { argv: 'set dark_mode true --feature-group beta_testers' },
  { argv: 'set dark_mode true --feature-group gamma_testers' },
  { argv: 'set dark_mode true --project nobody/nothing' },
  { argv: 'set dark_mode 101 --actors' },
  { argv: 'set dark_mode 25' },
  { argv: 'set dark_mode 25 --actors --user 1' },
  { argv: 'set dark_mode perhaps' },
  { argv: 'set dark_mode' },
  { argv: 'set Dark-Mode true' },
  { argv: 'set unknown_one true' },
  { argv: 'set unknown_one true --force' },
  { argv: 'set new_layout false --user 1' },
  { argv: 'set new_layout false --user 1 --force' },
  { argv: 'set dark_mode true --wait' },
  { argv: 'get dark_mode' },
  { argv: 'list' },
  { argv: 'list --stored' },
  { argv: 'explain dark_mode User:7' },
  { argv: 'explain dark_mode --user 9 --project 43' },
  { argv: 'explain dark_mode User:7 --at 1' },
  { argv: 'explain dark_mod User:7' },
  { argv: 'explain dark_mode 7' },
  { argv: 'explain dark_mode User:7 --at 2026-11-20T10:00' },
  { argv: 'explain dark_mode User:7 --only on' },
  { argv: 'explain --all User:7' },
  { argv: 'explain --all User:7 --only different --than User:9' },
  { argv: 'history dark_mode' },
  { argv: 'history dark_mode --limit 2' },
  { argv: 'history dark_mode --limit none' },
  { argv: 'history canary' },
  { argv: 'history --limit 12' },
  { argv: 'status' },
  { argv: 'get unknown_one' },
  { argv: 'delete unknown_one' },
  { argv: 'delete unknown_one --force' },
  { argv: 'delete unknown_one' },
  { argv: 'delete never_a_flag' },
  { argv: 'set canary true', env: 'production', typed: [['[y/N]', 'n\n']] },
  { argv: 'set canary true', env: 'production', typed: [['[y/N]', 'y\n']] },
  { argv: 'delete canary --yes', env: 'production' },
  { argv: 'set canary true', env: 'prod', typed: [['[y/N]', 'y\n']] },
  {
    argv: 'console',
    input: "Feature.enabled('dark_mode')\nawait Feature.disable('dark_mode')\nProject.find(42)\nnothing\n",
  },
  { argv: 'token create --name deploys --scope read --expires 90d' },
  { argv: 'token create --name deploys --scope everything' },
  { argv: 'token list' },
  { argv: 'token revoke deploys' },
  { argv: 'token revoke nobody' },
  { argv: 'token list' },
  { argv: 'project list' },
  { argv: 'project show group/shop' },
  { argv: 'project create group/shop --name Shop --dry-run' },
  { argv: 'project create group/shop --name Shop' },
  { argv: 'project create group/shop' },
  { argv: 'project create 42' },
  { argv: 'project list' },
  { argv: 'project flags list group/shop' },
  { argv: 'project flags create group/shop new_layout --description One-column' },
  { argv: 'project flags show group/shop new_layout' },
  { argv: 'project set group/shop new_layout --env production --users 1,2,3 --dry-run' },
  { argv: 'project set group/shop new_layout --env production --users 1,2,3' },
  { argv: 'project set group/shop new_layout --env production --percent 10' },
  { argv: 'project set group/shop new_layout --env production --percent 101' },
  { argv: 'project set group/shop new_layout --env prodution --percent-of-users 30' },
  { argv: 'project set group/shop new_layot off' },
  { argv: 'project set group/shop another off' },
  { argv: 'project set group/shop new_layut --env staging --all' },
  { argv: 'project set group/shop another --env * --all' },
  { argv: 'project set group/shop another --env staging --none' },
  { argv: 'project lists create group/shop testers --file -', input: '7\n8, 9\n7\n' },
  { argv: 'project lists create group/shop others 1 2' },
  { argv: 'project lists list group/shop' },
  { argv: 'project set group/shop new_layout --env staging --list others' },
  { argv: 'project set group/shop new_layout --env staging --list tester' },
  { argv: 'project lists change group/shop others 2 3 --add --reason more' },
  { argv: 'project lists change group/shop others 1 9 --remove' },
  { argv: 'project lists show group/shop others' },
  { argv: 'project lists delete group/shop others' },
  { argv: 'project flags list group/shop' },
  { argv: 'project flags list group/shop --env staging --state on' },
  { argv: 'project flags list group/shop --search nothing' },
  { argv: 'project flags show group/shop new_layout --env staging' },
  { argv: 'project flags show group/shop new_layout' },
  { argv: 'project evaluate group/shop new_layout --env production --user 7' },
  { argv: 'project evaluate group/shop new_layout --env production' },
  { argv: 'project evaluate group/shop new_layout --env prodution --user José' },
  { argv: 'project evaluate group/shop --env staging --user 3' },
  { argv: 'project set group/shop new_layout off --reason slow' },
  { argv: 'project flags rename group/shop another dark_mode', env: 'production', typed: [['[y/N]', 'n\n']] },
  { argv: 'project flags rename group/shop another dark_mode' },
  { argv: 'project flags delete group/shop dark_mode' },
  { argv: 'project history group/shop new_layout --limit 3' },
  { argv: 'project history group/shop' },
  { argv: 'project settings group/shop' },
  { argv: 'project settings group/shop --minimum-role no_one_allowed' },
  { argv: 'project set group/shop new_layout on' },
  { argv: 'project settings group/shop --minimum-role developer' },
  { argv: 'project set no/such new_layout off' },
  { argv: 'project set shop new_layout off' },
  { argv: 'project configure group/shop --sdk curl' },
  { argv: 'project configure group/shop --sdk python --url https://flags.example.com/' },
  { argv: 'project instance-id create group/shop workers --env staging' },
  { argv: 'project instance-id list group/shop' },
  { argv: 'project instance-id retire group/shop worker' },
  { argv: 'project instance-id retire group/shop workers' },
  { argv: 'project export group/shop' },
  { argv: 'project import group/shop ROOT/gitlab.json' },
  { argv: 'project import group/shop ROOT/gitlab.json --skip --dry-run' },
  { argv: 'project import group/shop ROOT/gitlab.json --skip' },
  { argv: 'project import group/shop ROOT/missing.json' },
  { argv: 'project show group/shop' },
  { argv: 'project delete group/shop --dry-run' },
  { argv: 'project delete group/shop' },
  { argv: 'export' },
  { argv: 'import ROOT/backup.json' },
  { argv: 'import ROOT/backup.json' },
  { argv: 'import ROOT/damaged.json' },
  { argv: 'import ROOT/missing.json' },
  { argv: 'import -', input: '[]' },
  { argv: 'serve --port 70000' },
  {
    argv: 'my_flag --dry-run',
    input: 'group::apm\n\n\n',
    typed: [
      ['like', 'group::apm\n'],
      ['skip', '\n'],
      ['skip', '\n'],
      ['Description', 'Draws it light.\n'],
      ['Kind of actor', 'project\n'],
    ],
  },
  {
    argv: 'my_flag --group group::apm --introduced-by-url https://gitlab.com/a/b/-/merge_requests/1 --rollout-issue-url https://gitlab.com/a/b/-/issues/2 --description Everything --actor project',
  },
  { argv: 'my_flag --group group::apm' },
  { argv: 'My-Flag --group group::apm' },
  { argv: 'create other_flag --type nonsense' },
  { argv: 'create other_flag --group group:apm' },
  { argv: 'validate' },
]

/** Commands that know `--json`. */
const knowsJson =
  /^(?:list|get|set|delete|history|status|validate|migrate|token (?:create|list|revoke)|project (?!export)[a-z-]+|import)(?: |$)/

let database: TestDatabase | null = null
afterEach(async () => {
  await database?.close()
  database = null
})

/** All calls, one after the other on one project and one database, as a transcript. */
async function transcript(how: 'terminal' | 'pipe', asked: readonly Call[]): Promise<string> {
  const root = makeRoot(files)
  // Each of hundreds of commands connects anew, and for Postgres a connection is more work than all that most of them ask.
  database = await createDatabase({ migrated: false, pooled: true })
  const options: FeatureOptions = {
    databaseUrl: database.url,
    groups: { beta_testers: () => true },
    actors: { Project: { findByPath: (path) => (path === 'gitlab-org/gitlab' ? 7 : null) } },
  }
  const parts: string[] = []
  for (const { argv, input, typed = [], env = 'test' } of asked) {
    const { code, stdout, stderr } = await run(
      argv.split(' ').map((part) => part.replace('ROOT', root)),
      {
        root,
        options: { ...options, env },
        ...(how === 'terminal' ? { typed } : {}),
        ...(input === undefined || how === 'terminal' ? {} : { input }),
      },
    )
    const said = [...lines('', stdout), ...lines('! ', stderr)]
    parts.push([`$ feature-flag ${argv}${env === 'test' ? '' : `   (${env})`}`, ...said, `= ${code}`, ''].join('\n'))
  }
  return blanked(parts.join('\n'), { [root]: '<root>' })
}

function lines(mark: string, text: string): string[] {
  if (text === '') return []
  const all = text.split('\n')
  // A text that ends without a line break shows it.
  const end = all.pop()
  return [...all, ...(end === '' ? [] : [`${end}␄`])].map((line) => `${mark}${line}`)
}

describe('what the commands say', { timeout: 120_000 }, () => {
  it('on a terminal is what the record has', async () => {
    // The console on a terminal is a dialogue of its own: test/cli/console/console.test.ts.
    const asked = calls.filter(
      ({ argv, input, typed }) => input === undefined || typed !== undefined || argv === 'help',
    )
    await expect(await transcript('terminal', asked)).toMatchFileSnapshot('cli-terminal.txt')
  })

  it('in a pipe is what the record has', async () => {
    await expect(await transcript('pipe', calls)).toMatchFileSnapshot('cli-pipe.txt')
  })

  it('as JSON is what the record has', async () => {
    const asked = calls.filter(({ argv }) => knowsJson.test(argv) && !/--help|--format/.test(argv))
    const json = asked.map((call) => ({ ...call, argv: `${call.argv} --json` }))
    await expect(await transcript('pipe', json)).toMatchFileSnapshot('cli-json.txt')
  })
})
