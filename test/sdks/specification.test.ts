// The public specification of Unleash's clients (@unleash/client-specification, Apache-2.0): its cases whose strategies GitLab has, and
// those of a flag that is not there. No name in it may be stored by GitLab's rules, so its flags are written into the table directly;
// the server sends them as any other.
import { createRequire } from 'node:module'
import { expect, it, onTestFinished } from 'vitest'
import { evaluateFlags } from '../../lib/project-flags/evaluate.js'
import type { ProjectFlag } from '../../lib/project-flags/project-flag.js'
import { isStrategyName } from '../../lib/project-flags/strategies/strategies.js'
import { allOf } from '../faults/figures.js'
import { createDatabase } from '../support/services.js'
import { startNodeSdk } from './node-sdk.js'
import { hasRubySdk, rubyNote, startRubySdk } from './ruby-sdk.js'
import type { Sdk, SdkContext } from './sdk.js'
import { makeSdkProject, startListening } from './server.js'

interface Strategy {
  readonly name: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly constraints?: readonly unknown[]
  readonly segments?: readonly unknown[]
}

interface Feature {
  readonly name: string
  readonly enabled: boolean
  readonly strategies?: readonly Strategy[]
  readonly segments?: readonly unknown[]
  readonly dependencies?: readonly unknown[]
}

interface DeltaEvent {
  readonly type: string
  readonly features?: readonly Feature[]
  readonly feature?: Feature
  readonly featureName?: string
}

interface Specification {
  readonly state: { readonly features?: readonly Feature[]; readonly events?: readonly DeltaEvent[] }
  readonly tests?: readonly {
    readonly description: string
    readonly context: SdkContext
    readonly toggleName: string
    readonly expectedResult: boolean
  }[]
}

interface Case {
  readonly description: string
  readonly flag: string
  /** Null: no such flag is there. */
  readonly feature: Feature | null
  readonly context: SdkContext
  readonly expected: boolean
}

const beside = createRequire(import.meta.url)
const read = <T>(name: string): T => beside(`@unleash/client-specification/specifications/${name}`)

function gitLabCases(): readonly Case[] {
  return read<readonly string[]>('index.json').flatMap((name) => {
    const { state, tests = [] } = read<Specification>(name)
    const features = new Map((state.features ?? featuresAfter(state.events ?? [])).map((one) => [one.name, one]))
    return tests.flatMap(({ description, context, toggleName: flag, expectedResult: expected }) => {
      const feature = features.get(flag) ?? null
      return feature === null || hasGitLabStrategies(feature) ? [{ description, flag, feature, context, expected }] : []
    })
  })
}

/** What is there after the events of a delta. */
function featuresAfter(events: readonly DeltaEvent[]): readonly Feature[] {
  const features = new Map<string, Feature>()
  for (const { features: all = [], feature, featureName } of events) {
    for (const one of feature === undefined ? all : [feature]) features.set(one.name, one)
    if (featureName !== undefined) features.delete(featureName)
  }
  return [...features.values()]
}

const stickinesses: readonly (string | undefined)[] = [undefined, 'default', 'userId', 'sessionId', 'random']

function hasGitLabStrategies({ strategies = [], segments: all = [], dependencies = [] }: Feature): boolean {
  const areGitLabs = strategies.every(
    ({ name, parameters, constraints = [], segments = [] }) =>
      isStrategyName(name) &&
      stickinesses.includes(parameters?.['stickiness']) &&
      constraints.length + segments.length === 0,
  )
  return strategies.length > 0 && areGitLabs && all.length + dependencies.length === 0
}

/** As rows of the table have it. */
function storedFlags(cases: readonly Case[]): readonly ProjectFlag[] {
  const features = new Map(cases.flatMap(({ feature }) => (feature === null ? [] : [[feature.name, feature]])))
  const at = new Date(0)
  return [...features.values()].map(({ name, enabled, strategies = [] }, index) => ({
    id: index + 1,
    iid: index + 1,
    name,
    description: null,
    active: enabled,
    strategies: strategies.flatMap((strategy, number) =>
      isStrategyName(strategy.name)
        ? [
            {
              id: index * 10 + number,
              name: strategy.name,
              parameters: strategy.parameters ?? {},
              userListId: null,
              scopes: [{ id: index * 10 + number, environmentScope: 'production' }],
            },
          ]
        : [],
    ),
    revision: 1,
    createdAt: at,
    updatedAt: at,
  }))
}

it(`the 32 cases of the public specification that GitLab's strategies cover have its answers: evaluate, Node, and ${rubyNote}`, async () => {
  const cases = gitLabCases()
  expect(cases).toHaveLength(32)
  const flags = storedFlags(cases)
  expect(differing(cases, answersOfEvaluate(cases, flags, 'node'))).toEqual([])
  expect(differing(cases, answersOfEvaluate(cases, flags, 'others'))).toEqual([])

  const database = await createDatabase()
  onTestFinished(() => database.close())
  const server = await startListening({ databaseUrl: database.url })
  onTestFinished(() => server.close())
  const project = await makeSdkProject(server, 'the/specification')
  await database.query(
    `insert into project_flags (project_id, iid, name, active, strategies)
    select $1, iid, name, active, strategies
    from jsonb_to_recordset($2::jsonb) as flag (iid integer, name text, active boolean, strategies jsonb)`,
    [project.id, JSON.stringify(flags.map(toRow))],
  )
  const sdks: [string, Sdk][] = [['Node', await startNodeSdk('unleash-client', project)]]
  if (hasRubySdk) sdks.push(['Ruby', await startRubySdk(project)])
  for (const [name, sdk] of sdks) {
    const wrong = differing(cases, await sdk.answers(cases))
    allOf('Public specification', `${name}: cases with the named answer`, cases.length - wrong.length, cases.length)
    expect(wrong, name).toEqual([])
    expect(await sdk.end(), name).toEqual([])
  }
})

function toRow({ strategies, iid, name, active }: ProjectFlag): object {
  const stored = strategies.map(({ id, name: kind, parameters, scopes }) => ({
    id,
    name: kind,
    parameters,
    user_list_id: null,
    scopes: scopes.map((scope) => ({ id: scope.id, environment_scope: scope.environmentScope })),
  }))
  return { iid, name, active, strategies: stored }
}

function answersOfEvaluate(cases: readonly Case[], flags: readonly ProjectFlag[], family: 'node' | 'others') {
  return cases.map(({ flag, context }) => {
    const evaluated = evaluateFlags({ flags, lists: [] }, 'production', context)
    // An SDK says of a flag that it does not know what the call gives as fallback.
    return evaluated.find((one) => one.flag === flag)?.[family].enabled ?? false
  })
}

/** The cases whose answer is another one than the specification names. */
function differing(cases: readonly Case[], answers: readonly boolean[]): readonly string[] {
  return cases.filter(({ expected }, index) => answers[index] !== expected).map(({ description }) => description)
}
