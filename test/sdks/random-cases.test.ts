// Flags at random, stored over REST as a person stores them, with ids of ASCII: what REST's `evaluate` says is what real SDKs answer, of both
// families. The Node SDK and `evaluate` meet in test/project-flags/sdk-agreement.test.ts too, without a server and beyond ASCII.
import { expect, it, onTestFinished } from 'vitest'
import { allOf } from '../faults/figures.js'
import { hangMs, size } from '../faults/size.js'
import { type Random, seededRandom } from '../support/random.js'
import { createDatabase } from '../support/services.js'
import { startNodeSdk } from './node-sdk.js'
import { hasRubySdk, rubyNote, startRubySdk } from './ruby-sdk.js'
import type { SdkContext, SdkQuestion } from './sdk.js'
import { makeSdkProject, type RestServer, type SdkProject, startListening } from './server.js'

/** A project holds two hundred flags. */
const flagsEach = size(25, 200)
const projects = size(1, 10)

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter((c) => c !== ',')
const scopes = ['production', 'staging', 'prod*', '*', 'review/*']
const kinds = ['default', 'userWithId', 'gradualRolloutUserId', 'flexibleRollout', 'gitlabUserList'] as const

interface Evaluation {
  readonly sdks: Readonly<Record<'node' | 'others', { readonly enabled: boolean | null; readonly reason: string }>>
}

it(
  `${flagsEach * projects} random cases of ASCII stored over REST have one answer: evaluate, Node, and ${rubyNote}`,
  async () => {
    const random = seededRandom()
    const database = await createDatabase()
    onTestFinished(() => database.close())
    const server = await startListening({ databaseUrl: database.url })
    onTestFinished(() => server.close())
    const counts = { cases: 0, on: 0, byChance: 0, wrong: [] as string[] }
    for (let number = 0; number < projects; number++) {
      const project = await makeSdkProject(server, `random/p-${number}`)
      const ids = Array.from({ length: 30 }, () => randomId(random))
      const questions = await storeFlags(server, project, ids, random)
      await compare(server, project, questions, counts)
    }
    const { cases, on, byChance, wrong } = counts
    allOf('Random cases by REST', 'answered alike by evaluate and real SDKs', cases - wrong.length, cases)
    expect(wrong).toEqual([])
    expect(cases).toBe(flagsEach * projects)
    // Otherwise nothing was compared.
    expect([on > cases / 10, on < (cases * 9) / 10, byChance < cases / 2]).toEqual([true, true, true])
  },
  hangMs,
)

/** Stores the flags, and gives one question about each. */
async function storeFlags(
  { rest }: RestServer,
  { id }: SdkProject,
  ids: readonly string[],
  random: Random,
): Promise<readonly SdkQuestion[]> {
  const some = () => [...new Set(Array.from({ length: random.below(6) }, () => random.pick(ids)))].join(',')
  const lists: number[] = []
  for (const name of ['beta', 'staff', 'none']) {
    const user_xids = name === 'none' ? '' : some()
    const made = await rest<{ readonly id: number }>('POST', `/projects/${id}/feature_flags_user_lists`, {
      name,
      user_xids,
    })
    lists.push(made.id)
  }
  const questions: SdkQuestion[] = []
  for (let number = 0; number < flagsEach; number++) {
    const strategies = Array.from({ length: 1 + random.below(3) }, () => randomStrategy(random, some, lists))
    const flag = `flag_${number}`
    await rest('POST', `/projects/${id}/feature_flags`, { name: flag, active: random.below(8) > 0, strategies })
    questions.push({ flag, context: randomContext(random, ids) })
  }
  return questions
}

/** Asks `evaluate` and the SDKs. */
async function compare(
  server: RestServer,
  project: SdkProject,
  questions: readonly SdkQuestion[],
  counts: { cases: number; on: number; byChance: number; readonly wrong: string[] },
): Promise<void> {
  const node = await startNodeSdk('unleash-client', project)
  const ruby = hasRubySdk ? await startRubySdk(project) : null
  const [ofNode, ofRuby] = [await node.answers(questions), await ruby?.answers(questions)]
  for (const [index, { flag, context }] of questions.entries()) {
    const path = `/projects/${project.id}/feature_flags/${flag}`
    const { sdks } = await server.rest<Evaluation>('POST', `${path}/evaluate`, { environment: 'production', context })
    const expected = sdks.node.enabled
    counts.cases += 1
    if (expected === true) counts.on += 1
    if (expected === null) counts.byChance += 1
    const differs =
      expected !== sdks.others.enabled ||
      (expected !== null && [ofNode[index], ofRuby?.[index] ?? expected].some((answer) => answer !== expected))
    if (!differs) continue
    const stored = await server.rest<object>('GET', path)
    const said = { sdks, node: ofNode[index], ruby: ofRuby?.[index] }
    counts.wrong.push(JSON.stringify({ context, said, stored }))
  }
  expect([await node.end(), await ruby?.end()]).toEqual([[], ruby === null ? undefined : []])
}

/** As GitLab takes it: no comma, and no blank at an end, which SDKs of some makes would trim. */
function randomId(random: Random): string {
  const length = 1 + random.below(random.below(5) === 0 ? 200 : 12)
  const id = Array.from({ length }, () => random.pick(printable))
    .join('')
    .trim()
  return id === '' ? String(random.below(1_000)) : id
}

function randomStrategy(random: Random, some: () => string, lists: readonly number[]): object {
  const name = random.pick(kinds)
  const groupId = random.pick(['default', 'layout', 'a', 'x'.repeat(32)])
  const percent = String(random.pick([0, 1, random.below(101), random.below(101), 99, 100]))
  const stickiness = random.pick(['default', 'default', 'userId', 'sessionId', 'random'])
  const parameters = {
    default: {},
    userWithId: { userIds: some() },
    gradualRolloutUserId: { groupId, percentage: percent },
    flexibleRollout: { groupId, rollout: percent, stickiness },
    gitlabUserList: {},
  }[name]
  const chosen = [...new Set(Array.from({ length: random.below(3) }, () => random.pick(scopes)))]
  return {
    name,
    parameters,
    scopes: chosen.map((environment_scope) => ({ environment_scope })),
    ...(name === 'gitlabUserList' ? { user_list_id: random.pick(lists) } : {}),
  }
}

/** With both ids, with one, or with none. */
function randomContext(random: Random, ids: readonly string[]): SdkContext {
  const id = () => (random.below(3) === 0 ? randomId(random) : random.pick(ids))
  const userId = random.below(5) === 0 ? {} : { userId: id() }
  const sessionId = random.below(2) === 0 ? {} : { sessionId: id() }
  return { ...userId, ...sessionId }
}
