// The page in a browser. One browser, one server and few windows serve all of these tests: to open them costs more than most of the tests.
import { afterAll, beforeAll, describe } from 'vitest'
import { hasChromium, inChromium } from '../support/chromium.js'
import { testActors } from './pages/actors.js'
import { testBadInput } from './pages/bad-input.js'
import { testBadMoments } from './pages/bad-moments.js'
import { testExplaining } from './pages/explaining.js'
import { testHistory } from './pages/history.js'
import { testKeys } from './pages/keys.js'
import { testLongList } from './pages/long-list.js'
import { testLooks } from './pages/looks.js'
import { testPolicy } from './pages/policy.js'
import { testSettings } from './pages/settings.js'
import { testShortestPath } from './pages/shortest-path.js'
import { testThread } from './pages/thread.js'
import { type World, openWorld } from './world.js'

describe.skipIf(!hasChromium)(`the page ${inChromium}`, { timeout: 180_000 }, () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  }, 180_000)
  afterAll(async () => {
    await world?.close()
  })

  const get = () => world
  testThread(get)
  testLooks(get)
  testKeys(get)
  testActors(get)
  testExplaining(get)
  testHistory(get)
  testBadInput(get)
  testBadMoments(get)
  testPolicy(get)
  testSettings(get)
  testShortestPath(get)
  testLongList(get)
})
