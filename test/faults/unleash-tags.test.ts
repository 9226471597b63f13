// A tag names the bytes of an answer: no tag ever names two bodies, and equal bodies have one tag, whatever was edited, on whatever
// server, and also after a restore to an older state. Edits at random, in memory.
import { expect, it } from 'vitest'
import type { ProjectFlag, Strategy } from '../../lib/project-flags/project-flag.js'
import type { ProjectContent } from '../../lib/project-flags/project.js'
import { ClientAnswers } from '../../lib/unleash/client-features.js'
import { contentOf, flagNamed } from '../replica/projects/samples.js'
import { type Random, seededRandom } from '../support/random.js'
import { allOf, atMost } from './figures.js'
import { hangMs, size } from './size.js'

const environments = ['production', 'staging', 'review/1', 'review/2', ''] as const
const scopes = ['*', 'production', 'prod*', 'review/*', 'review/1', 'staging']
const flagNames = ['new_layout', 'beta', 'search', 'checkout', 'dark']

function randomStrategy(random: Random): Strategy {
  const id = random.below(10)
  const scope = { id, environmentScope: random.pick(scopes) }
  const kind = random.below(3)
  if (kind === 0) return { id, name: 'default', parameters: {}, userListId: null, scopes: [scope] }
  if (kind === 1) {
    const parameters = { groupId: 'default', rollout: String(random.below(101)), stickiness: 'default' }
    return { id, name: 'flexibleRollout', parameters, userListId: null, scopes: [scope] }
  }
  return { id, name: 'gitlabUserList', parameters: {}, userListId: 5, scopes: random.below(4) === 0 ? [] : [scope] }
}

function randomFlag(random: Random, name: string): ProjectFlag {
  const strategies = Array.from({ length: random.below(3) }, () => randomStrategy(random))
  const description = random.pick([null, '', 'why'])
  return flagNamed(name, { active: random.below(4) > 0, description, strategies })
}

function edited(before: ProjectContent, random: Random): ProjectContent {
  const name = random.pick(flagNames)
  const others = before.flags.filter((flag) => flag.name !== name)
  const flags = random.below(5) === 0 ? others : [...others, randomFlag(random, name)]
  const lists = before.lists.map((list) =>
    random.below(10) === 0 ? { ...list, userXids: String(random.below(50)) } : list,
  )
  const { revision } = before.project
  const project = { ...before.project, revision: revision + 1, nonce: `n-${revision + 1}` }
  return { project, flags: flags.toSorted((a, b) => (a.name < b.name ? -1 : 1)), lists }
}

it(
  'no tag names two bodies, and no body has two tags, over edits at random and restores',
  () => {
    const random = seededRandom()
    const bodyOf = new Map<string, string>()
    const tagOf = new Map<string, string>()
    let content = contentOf({}, flagNamed('new_layout'))
    let older = content
    const edits = size(3_000, 100_000)
    for (let edit = 0; edit < edits; edit++) {
      if (random.below(200) === 0) content = older
      if (random.below(100) === 0) older = content
      content = edited(content, random)
      const [one, other] = [new ClientAnswers(content), new ClientAnswers(structuredClone(content))]
      for (const environment of environments) {
        const { etag, body } = one.in(environment)
        const text = String(body)
        if ((bodyOf.get(etag) ?? text) !== text) throw new Error(`${etag} names two bodies`)
        if ((tagOf.get(text) ?? etag) !== etag) throw new Error(`one body has two tags: ${etag}`)
        if (other.in(environment).etag !== etag) throw new Error('another server has another tag')
        bodyOf.set(etag, text)
        tagOf.set(text, etag)
      }
    }
    expect(bodyOf.size).toBe(tagOf.size)
    expect(bodyOf.size).toBeGreaterThan(1_000)
    allOf(`${edits} random edits in memory`, 'bodies with a tag of their own', bodyOf.size, tagOf.size)
  },
  hangMs,
)

it(
  'a million invented application names make as many answers as there are sets of matching scopes',
  () => {
    const strategies = scopes.map((environmentScope, id) => ({
      id,
      name: 'userWithId' as const,
      parameters: { userIds: environmentScope },
      userListId: null,
      scopes: [{ id, environmentScope }],
    }))
    const answers = new ClientAnswers(contentOf({}, flagNamed('f', { strategies })))
    const tags = new Set<string>()
    const names = ['review/', 'production-', 'staging-', 'else-']
    const asked = size(20_000, 1_000_000)
    for (let index = 0; index < asked; index++) {
      tags.add(answers.in(`${names[index % names.length]}x${index}`).etag)
    }
    expect([answers.shapes, tags.size]).toEqual([3, 3])
    expect(answers.bytes).toBeLessThan(2_000)
    atMost(`${asked} application names`, 'answers for three sets of scopes', 3, answers.shapes)
  },
  hangMs,
)
