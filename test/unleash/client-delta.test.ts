// What SDKs that ask for changes are told: applied one after the other, they are what they would get as a whole.
import { describe, expect, it } from 'vitest'
import type { ProjectContent } from '../../lib/project-flags/project.js'
import { DeltaHistory, namedRevision } from '../../lib/unleash/client-delta.js'
import { contentOf, flagNamed } from '../replica/projects/samples.js'
import { seededRandom } from '../support/random.js'

const at = (revision: number, ...names: readonly string[]) =>
  contentOf({ revision, nonce: `n-${revision}` }, ...names.map((name, id) => flagNamed(name, { id, revision })))

interface Feature {
  readonly name: string
}

/** What an SDK does with the events. */
class Sdk {
  readonly features = new Map<string, Feature>()
  id = 0

  take(document: string): void {
    for (const event of JSON.parse(document).events) {
      if (event.type === 'hydration') this.features.clear()
      for (const feature of event.features ?? []) this.features.set(feature.name, feature)
      if (event.type === 'feature-updated') this.features.set(event.feature.name, event.feature)
      if (event.type === 'feature-removed') this.features.delete(event.featureName)
      this.id = event.eventId
    }
  }

  get sorted() {
    return [...this.features.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

describe('the changes for an SDK', () => {
  it('are everything for one that has nothing, or a revision that is not known', () => {
    const history = new DeltaHistory(at(7, 'one'))
    expect(JSON.parse(history.hydration('production'))).toEqual({
      events: [
        {
          type: 'hydration',
          eventId: 7,
          features: [{ name: 'one', enabled: true, strategies: [{ name: 'default', parameters: {} }] }],
          segments: [],
        },
      ],
    })
    expect(history.since('production', 6)).toBeUndefined()
    expect(history.since('production', 7)).toBeNull()
    expect(JSON.parse(history.hydration('')).events[0].features).toEqual([])
  })

  it('name what came, changed or went since its revision, under the id of the newest one', () => {
    const history = new DeltaHistory(at(1, 'stays', 'goes'))
    history.add(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('stays'), flagNamed('comes', { active: false })))
    expect(JSON.parse(history.since('production', 1) ?? '')).toEqual({
      events: [
        {
          type: 'feature-updated',
          eventId: 2,
          feature: { name: 'comes', enabled: false, strategies: [{ name: 'default', parameters: {} }] },
        },
        { type: 'feature-removed', eventId: 2, featureName: 'goes', project: 'group/p-1' },
      ],
    })
  })

  it('are none for an environment that a change does not reach', () => {
    const elsewhere = { id: 1, name: 'default', parameters: {}, userListId: null } as const
    const staging = [{ ...elsewhere, scopes: [{ id: 1, environmentScope: 'staging' }] }]
    const history = new DeltaHistory(at(1, 'one'))
    history.add(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('one'), flagNamed('two', { strategies: staging })))
    expect(history.since('production', 1)).toBeNull()
    expect(history.since('staging', 1)).toContain('"two"')
  })

  it('are remembered for 64 revisions, and forgotten with a restore', () => {
    const history = new DeltaHistory(at(1, 'one'))
    for (let revision = 2; revision <= 100; revision++) history.add(at(revision, 'one'))
    expect(history.since('production', 36)).toBeUndefined()
    expect(history.since('production', 37)).toBeNull()
    history.add(at(50, 'one'))
    expect([history.since('production', 99), history.since('production', 49), history.revision]).toEqual([
      undefined,
      undefined,
      50,
    ])
    expect(history.bytes).toBeLessThan(1_000)
  })

  it('leave every SDK with what it would get as a whole, whichever revisions it skips', () => {
    const random = seededRandom()
    const names = ['a', 'b', 'c', 'd', 'e']
    const edited = (before: ProjectContent): ProjectContent => {
      const name = random.pick(names)
      const others = before.flags.filter((flag) => flag.name !== name)
      const made = flagNamed(name, { active: random.below(2) === 0, description: String(random.below(3)) })
      const { revision } = before.project
      const flags = random.below(3) === 0 ? others : [...others, { ...made, id: names.indexOf(name), revision }]
      return contentOf({ revision: revision + 1, nonce: `n-${revision + 1}` }, ...flags)
    }
    let content = at(1, 'a', 'b')
    const history = new DeltaHistory(content)
    const sdks = Array.from({ length: 5 }, () => new Sdk())
    for (let edit = 0; edit < 500; edit++) {
      content = edited(content)
      history.add(content)
      for (const sdk of sdks) {
        if (random.below(3) > 0) continue
        const since = history.since('production', sdk.id)
        if (since !== null) sdk.take(since ?? history.hydration('production'))
        const whole = new Sdk()
        whole.take(history.hydration('production'))
        expect(sdk.sorted).toEqual(whole.sorted)
      }
    }
  })
})

describe('the revision that a header names', () => {
  it.each([
    ['"12"', 12],
    ['12', 12],
    ['W/"12"', 12],
    ['"12-gzip"', 12],
    ['"12";gzip', 12],
    ['"7", "12"', 12],
    ['*', null],
    ['"stream"', null],
    ['', null],
    ['-1', null],
    [undefined, null],
  ])('%s: %s', (given, expected) => {
    expect(namedRevision(given)).toBe(expected)
  })
})
