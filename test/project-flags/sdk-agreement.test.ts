// `evaluate` against the Node SDK itself: it gets what it would be sent, and both are asked the same. No SDK of the other family is on
// npm; for ids of ASCII, and what GitLab stores, both families answer the same.
import { type ClientFeaturesResponse, InMemStorageProvider, Unleash } from 'unleash-client'
import { expect, it, onTestFinished } from 'vitest'
import { evaluateFlags } from '../../lib/project-flags/evaluate.js'
import type { ProjectFlag, Strategy } from '../../lib/project-flags/project-flag.js'
import { newProject, type ProjectContent } from '../../lib/project-flags/project.js'
import type { Context } from '../../lib/project-flags/strategies/strategy.js'
import { ClientAnswers } from '../../lib/unleash/client-features.js'
import { type Random, seededRandom } from '../support/random.js'

const at = new Date(0)
const times = { revision: 1, createdAt: at, updatedAt: at }
const scopes = ['production', 'staging', 'review/*', '*', 'prod*']
const asciiIds = ['1', '7', 'a@b.c', 'user 1', 'x'.repeat(40), 'session-9']
const ids = [...asciiIds, '', 'José', '日本', '😀']

it('evaluates 2,000 random cases as the Node SDK does, and those of ASCII alike for all SDKs', async () => {
  const random = seededRandom()
  for (const environment of ['production', 'staging', 'review/1', 'other']) {
    const content = randomContent(random)
    const sdk = await sdkWith(JSON.parse(String(new ClientAnswers(content).in(environment).body)))
    for (let count = 0; count < 10; count++) {
      const context = randomContext(random)
      const isAscii = [context.userId, context.sessionId].every((id) => id === undefined || asciiIds.includes(id))
      for (const { flag, node, others, agree } of evaluateFlags(content, environment, context)) {
        const what = JSON.stringify({ environment, context, flag: content.flags.find(({ name }) => name === flag) })
        if (isAscii) expect([agree, others], what).toEqual([true, node])
        // The SDK does not know an absent flag, and answers with the fallback of the call.
        const expected = node.reason === 'absent' ? true : node.enabled
        if (expected !== null) expect(sdk.isEnabled(flag, { ...context }, true), what).toBe(expected)
      }
    }
  }
})

/** An SDK that has this answer, and reaches no server. */
async function sdkWith(data: ClientFeaturesResponse): Promise<Unleash> {
  const sdk = new Unleash({
    appName: 'test',
    url: 'http://127.0.0.1:9/',
    bootstrap: { data: data.features },
    storageProvider: new InMemStorageProvider(),
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
  })
  onTestFinished(() => sdk.destroy())
  sdk.on('error', () => {})
  await new Promise<void>((resolve) => sdk.once('ready', () => resolve()))
  return sdk
}

function randomContent(random: Random): ProjectContent {
  const lists = ['1,7', '', 'José,a@b.c,'].map((userXids, index) => ({
    id: index + 1,
    iid: index + 1,
    name: `list${index}`,
    userXids,
    ...times,
  }))
  const flags = Array.from({ length: 50 }, (_, id) => randomFlag(random, id + 1))
  return { project: newProject({ path: 'shop', name: 'shop' }, 1, at), flags, lists }
}

function randomFlag(random: Random, id: number): ProjectFlag {
  const strategies = Array.from({ length: random.below(4) }, (_, index) => randomStrategy(random, id * 10 + index))
  return { id, iid: id, name: `flag_${id}`, description: null, active: random.below(5) > 0, strategies, ...times }
}

function randomStrategy(random: Random, id: number): Strategy {
  const chosen = Array.from({ length: random.below(3) }, (_, index) => ({
    id: index,
    environmentScope: random.pick(scopes),
  }))
  const groupId = random.pick(['default', 'layout', 'a'])
  const percent = String(random.pick([0, 1, random.below(101), random.below(101), 99, 100]))
  const kinds: readonly Pick<Strategy, 'name' | 'parameters'>[] = [
    { name: 'default', parameters: {} },
    { name: 'userWithId', parameters: { userIds: [...new Set([random.pick(ids), random.pick(ids)])].join(',') } },
    { name: 'gradualRolloutUserId', parameters: { groupId, percentage: percent } },
    {
      name: 'flexibleRollout',
      parameters: { groupId, rollout: percent, stickiness: random.pick(['default', 'userId', 'sessionId', 'random']) },
    },
    { name: 'gitlabUserList', parameters: {} },
  ]
  const kind = random.pick(kinds)
  return { id, ...kind, userListId: kind.name === 'gitlabUserList' ? 1 + random.below(3) : null, scopes: chosen }
}

/** With both ids, with one, or with none. */
function randomContext(random: Random): Context {
  const userId = random.below(4) === 0 ? {} : { userId: random.pick(ids) }
  const sessionId = random.below(2) === 0 ? {} : { sessionId: random.pick(ids) }
  return { ...userId, ...sessionId }
}
