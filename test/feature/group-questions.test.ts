// The predicates of groups as previews and explanations ask them: one that is slow, or that never returns, does not hold the process.
import { describe, expect, it, onTestFinished } from 'vitest'
import { Groups } from '../../lib/actors/groups.js'
import { createInstance } from '../../lib/instance/create.js'
import { createProject } from '../support/project.js'
import { ManualClock } from '../support/manual-clock.js'
import { questionsOf } from '../support/group-questions.js'
import { recordingLogger } from '../support/recording-logger.js'

const actors = Array.from({ length: 1_000 }, (_, index) => ({ flipperId: `User:${index}` }))

function forEver(): boolean {
  for (;;);
}

describe('for one preview', () => {
  it('asks all groups for all actors, and knows nothing of those that are not registered', async () => {
    const groups = new Groups(() => {})
    groups.register('even', ({ flipperId }) => /[02468]$/.test(flipperId))
    const isIn = await questionsOf(groups).ofAll(actors, ['even', 'none'])
    expect(actors.filter((actor) => isIn('even', actor) === true)).toHaveLength(500)
    expect(actors.every((actor) => isIn('none', actor) === null)).toBe(true)
    expect(isIn('even', { flipperId: 'User:1' })).toBeNull()
  })

  it('lets other work go on between a few of the questions, and asks no more when its time is used', async () => {
    const clock = new ManualClock()
    const groups = new Groups(() => {})
    let [asked, turns] = [0, 0]
    groups.register('slow', () => {
      asked += 1
      void clock.advance(10)
      return true
    })
    const begun = questionsOf(groups, { clock, limits: { allMs: 100, sliceMs: 20 } }).ofAll(actors, ['slow'])
    const count = () => {
      turns += 1
      if (asked < 10) setImmediate(count)
    }
    setImmediate(count)
    const isIn = await begun
    expect(asked).toBe(10)
    expect(turns).toBeGreaterThanOrEqual(4)
    expect(actors.filter((actor) => isIn('slow', actor) !== null)).toHaveLength(10)
  })

  it('ends a predicate that never returns, asks the others, and does not ask it again for a minute', async () => {
    const clock = new ManualClock()
    const groups = new Groups(() => {})
    let asked = 0
    groups.register('stuck', () => {
      asked += 1
      return forEver()
    })
    groups.register('sound', () => true)
    const ended: string[] = []
    const questions = questionsOf(groups, {
      clock,
      limits: { oneMs: 50 },
      onEnded: (group, { message }) => ended.push(`${group}: ${message}`),
    })
    const all = async () => {
      const isIn = await questions.ofAll(actors.slice(0, 5), ['sound', 'stuck'])
      return actors.slice(0, 5).map((actor) => [isIn('sound', actor), isIn('stuck', actor)])
    }
    expect(await all()).toEqual(Array(5).fill([true, null]))
    expect([questions.oneByOne()('stuck', { flipperId: 'User:1' }), asked]).toEqual([null, 1])
    expect(ended).toEqual(['stuck: it did not end within 0.05 seconds'])
    await clock.advance(60_000)
    expect([questions.oneByOne()('stuck', { flipperId: 'User:1' }), asked]).toEqual([null, 2])
  })
})

describe('for one explanation', () => {
  it('asks no more when its time is used', async () => {
    const clock = new ManualClock()
    const groups = new Groups(() => {})
    groups.register('slow', () => {
      void clock.advance(60)
      return true
    })
    const ask = questionsOf(groups, { clock, limits: { allMs: 100 } }).oneByOne()
    expect(actors.slice(0, 4).map((actor) => ask('slow', actor))).toEqual([true, true, null, null])
  })
})

describe('a predicate that never returns', () => {
  it('leaves explanations, previews and later checks as they are, and is logged once', async () => {
    const project = await createProject('by_group', 'inner')
    onTestFinished(() => project.close())
    const logger = recordingLogger()
    let isStuck = true
    const instance = createInstance(
      {
        ...{ root: project.root, env: 'production', databaseUrl: 'memory', diskFile: false, logger },
        groups: {
          // A check within a check: it is ended in the middle of both.
          staff: (actor) => instance.feature.enabled('inner', actor),
          loops: () => (isStuck ? forEver() : true),
        },
      },
      { author: 'test', source: 'code', watch: false },
    )
    const { feature } = instance
    await feature.start()
    onTestFinished(() => feature.stop())
    await feature.enable('by_group', feature.group('staff'))
    await feature.enable('inner', feature.group('loops'))
    const user = { flipperId: 'User:1' }
    const explained = await feature.explain('by_group', user)
    expect(explained).toMatchObject({ value: false, approximate: ['group:staff'] })
    expect(explained.steps.find(({ gate }) => gate === 'groups')?.why).toContain('took too long')
    isStuck = false
    expect(feature.enabled('by_group', user)).toBe(true)
    expect(logger.lines.filter(({ message }) => message.includes('did not end within'))).toHaveLength(1)
  })
})
