// What is probably not meant: one table of flags and one of clients.
import { describe, expect, it } from 'vitest'
import type { FlagInput } from '../../../lib/project-flags/changes/flag-changes.js'
import { MemoryProjects } from '../../../lib/project-flags/store/memory.js'
import type { ProjectContent } from '../../../lib/project-flags/project.js'
import { ProjectFlags } from '../../../lib/project-flags/project-flags.js'
import { clientWarnings } from '../../../lib/project-flags/reports/client-warnings.js'
import { contentWarnings } from '../../../lib/project-flags/reports/content-warnings.js'
import type { Client } from '../../../lib/project-flags/reports/report.js'

const by = { author: 'test', source: 'code' }
const nowMs = Date.parse('2026-11-26T12:00:00Z')
const everywhere = [{ environmentScope: '*' }]
const share = (groupId: string, rollout = '10') => ({
  name: 'flexibleRollout',
  parameters: { groupId, rollout, stickiness: 'default' },
  scopes: everywhere,
})
const users = (userIds: string) => ({ name: 'userWithId', parameters: { userIds }, scopes: everywhere })
const all = (environmentScope: string) => ({ name: 'default', parameters: {}, scopes: [{ environmentScope }] })

async function contentOf(flags: readonly FlagInput[], settings = {}): Promise<ProjectContent> {
  const projects = new ProjectFlags(new MemoryProjects())
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  for (const flag of flags) await projects.createFlag(id, flag, by)
  await projects.changeSettings(id, settings, by)
  return projects.content(id)
}

describe('a warning about flags', () => {
  const rows: readonly (readonly [string, readonly FlagInput[], readonly object[]])[] = [
    ['none without a flag', [], []],
    ['none where all is well', [{ name: 'good', strategies: [share('good'), users('1,2')] }], []],
    [
      'a flag that is active and has no strategy',
      [{ name: 'bare' }],
      [{ kind: 'active_without_strategies', flags: ['bare'] }],
    ],
    [
      'a flag whose strategies have no environment',
      [{ name: 'nowhere', strategies: [{ name: 'default', parameters: {} }] }],
      [{ kind: 'active_without_strategies', flags: ['nowhere'] }],
    ],
    ['none for a flag that is off', [{ name: 'bare', active: false }], []],
    [
      'flags with one groupId',
      [
        { name: 'one', strategies: [share('default')] },
        { name: 'two', strategies: [share('default', '20')] },
        { name: 'own', strategies: [share('own')] },
      ],
      [{ kind: 'shared_group_id', flags: ['one', 'two'] }],
    ],
    [
      'none for one groupId at 0 and 100 percent',
      [
        { name: 'one', strategies: [share('default', '0')] },
        { name: 'two', strategies: [share('default', '100')] },
        { name: 'three', strategies: [share('default')] },
      ],
      [],
    ],
    [
      'ids outside ASCII beside a share by user',
      [
        { name: 'listed', strategies: [users('José,1')] },
        { name: 'shared', strategies: [share('shared')] },
      ],
      [{ kind: 'ids_differ', flags: ['shared'], problem: expect.stringContaining('José') }],
    ],
    ['none for ids outside ASCII without a share', [{ name: 'listed', strategies: [users('José')] }], []],
  ]
  it.each(rows)('is %s', async (_, flags, expected) => {
    expect(contentWarnings(await contentOf(flags))).toMatchObject(expected)
  })

  it('is ids with blanks around them, which only a write past the API can bring', async () => {
    const content = await contentOf([{ name: 'listed', strategies: [users('1,2')] }])
    const flags = content.flags.map((flag) => ({
      ...flag,
      strategies: flag.strategies.map((one) => ({ ...one, parameters: { userIds: '1, 2' } })),
    }))
    expect(contentWarnings({ ...content, flags })).toMatchObject([{ kind: 'ids_differ', flags: ['listed'] }])
  })
})

describe('a warning about clients', () => {
  const ago = (ms: number) => new Date(nowMs - ms)
  const client = (more: Partial<Client> = {}): Client => ({
    environment: 'production',
    app: 'shop',
    sdk: 'unleash-node-sdk:6.12.1',
    spec: '5.2.0',
    intervalMs: 15_000,
    instances: 1,
    firstSeen: ago(86_400_000),
    lastSeen: ago(0),
    lastPolled: ago(0),
    ...more,
  })
  const flags: readonly FlagInput[] = [{ name: 'good', strategies: [all('production'), all('review/*')] }]
  const rows: readonly (readonly [string, readonly Partial<Client>[], object, readonly object[]])[] = [
    ['none where all is well', [{}, { environment: 'review/1' }], {}, []],
    ['an old specification', [{ spec: '4.1.0' }], {}, [{ kind: 'sdk_too_old', app: 'shop' }]],
    ['an old SDK for Node', [{ sdk: 'unleash-client-node:3.21.0' }], {}, [{ kind: 'sdk_too_old' }]],
    ['an old SDK for Ruby', [{ sdk: 'unleash-client-ruby:3.2.5', spec: null }], {}, [{ kind: 'sdk_too_old' }]],
    ['none for an SDK that tells no version', [{ sdk: '', spec: null }], {}, []],
    ['none for an old one that is gone', [{ spec: '4.1.0', lastSeen: ago(90_000_000), lastPolled: null }], {}, []],
    [
      'an SDK that opens no stream where the project has streams',
      [{ sdk: 'unleash-node-sdk:6.6.0' }],
      { streaming: true },
      [{ kind: 'sdk_too_old', remedy: expect.stringContaining('6.7') }],
    ],
    [
      'an environment that no scope names',
      [{ environment: 'productoin' }],
      {},
      [
        {
          kind: 'unknown_environment',
          environment: 'productoin',
          remedy: expect.stringContaining('"production" meant'),
        },
      ],
    ],
    ['no environment at all', [{ environment: '' }], {}, [{ kind: 'unknown_environment', environment: '' }]],
    [
      'an application that no longer polls',
      [{ lastSeen: ago(60_000), lastPolled: ago(3_600_000) }],
      {},
      [{ kind: 'polling_stopped', app: 'shop' }],
    ],
    ['none for one that polls rarely', [{ intervalMs: 600_000, lastPolled: ago(3_600_000) }], {}, []],
    [
      'none for an SDK that another one replaced',
      [{ lastPolled: ago(3_600_000) }, { sdk: 'unleash-node-sdk:6.13.0' }],
      {},
      [],
    ],
  ]
  it.each(rows)('is %s', async (_, clients, settings, expected) => {
    const content = await contentOf(flags, settings)
    expect(clientWarnings(content, clients.map(client), nowMs)).toMatchObject(expected)
  })

  it('is none about environments while every scope is *', async () => {
    const content = await contentOf([{ name: 'good', strategies: [all('*')] }])
    expect(clientWarnings(content, [client({ environment: 'anything' })], nowMs)).toEqual([])
  })
})
