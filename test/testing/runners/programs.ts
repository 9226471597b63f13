// Tests of an application, in words that each runner gets defined for it: `equal`, `throws`, `tells`, `concurrent`, `withTimeout`, `retried`.

/** 200 tests at once, with stubs that differ, of 20 checks each. */
export const manyTests = `
together('many', () => {
  for (let index = 0; index < 200; index++) {
    const isOn = index % 2 === 0
    const actor = { flipperId: 'User:' + index }
    concurrent('test ' + index, async () => {
      stubFeatureFlags({ dark_mode: isOn, new_layout: actor })
      for (let check = 0; check < 10; check++) {
        await new Promise((resolve) => (check % 2 === 0 ? setImmediate(resolve) : setTimeout(resolve, check)))
        equal(Feature.enabled('dark_mode'), isOn)
        equal(Feature.enabled('new_layout', { flipperId: 'User:' + (check % 2 === 0 ? index : index + 1) }), check % 2 === 0)
      }
    })
  }
})
`

const server = `
let server
let address
beforeAll(async () => {
  await Feature.start({ databaseUrl: 'memory', diskFile: false })
  server = createServer((request, response) => response.end(String(Feature.enabled('dark_mode'))))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = 'http://127.0.0.1:' + server.address().port
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await Feature.stop()
})
const ask = async () => (await fetch(address, { headers: { connection: 'close' } })).text()
`

/** A test beside others, whose server must not see the stubs of the test before. */
export const concurrentAfter = `${server}
test('a test stubs a flag for its server', async () => {
  stubFeatureFlags({ dark_mode: false })
  equal(await ask(), 'false')
})
concurrent('a concurrent test after it has the server for itself', async () => {
  equal(await ask(), 'true')
  stubFeatureFlags({ dark_mode: true })
  equal(await ask(), 'true')
})
`

/** Logs a line for each change, where the level is info. */
export const changes = `
test('a flag is changed', async () => {
  await Feature.start({ databaseUrl: 'memory', diskFile: false })
  await Feature.enable('dark_mode')
  await Feature.stop()
})
`

/** Names that begin with "fails" are to fail. */
export const tests = `${server}
const swallow = () => { try { Feature.enabled('no_flag') } catch {} }

describe('a suite', () => {
  beforeEach(() => stubFeatureFlags({ new_layout: false }))
  test('every flag is on, but those that the hook before has stubbed', () => {
    equal(Feature.enabled('dark_mode'), true)
    equal(Feature.enabled('new_layout'), false)
    Feature.withRequest(() => {
      pushFrontendFeatureFlag('dark_mode')
      pushFrontendFeatureFlag('new_layout')
      tells('<head>' + gonScript() + '</head>', { darkMode: true, newLayout: false })
    })
  })
  test('a stub is seen by a server that was started before all', async () => {
    stubFeatureFlags({ dark_mode: false })
    equal(await ask(), 'false')
  })
  test('and is gone in the next test', async () => {
    equal(Feature.enabled('dark_mode'), true)
    equal(await ask(), 'true')
  })
  test('a request that is given back has the stubs of its call to its end', async () => {
    const answer = await withFeatureFlags({ dark_mode: false }, () => fetch(address, { headers: { connection: 'close' } }))
    equal(await answer.text(), 'false')
  })
  test('both states, in nested scopes', () => bothStates('dark_mode', async (isOn) => {
    equal(await ask(), String(isOn))
    withFeatureFlags({ dark_mode: !isOn }, () => equal(Feature.enabled('dark_mode'), !isOn))
    equal(Feature.enabled('new_layout'), false)
  }))
})
test('an invalid use is expected', () => { expectInvalidFlag(() => Feature.enabled('no_flag')) })
test('fails as it caught an invalid use', swallow)
test('fails as it expects an invalid use with toThrow', () => throws(() => Feature.enabled('no_flag')))
test('fails as it stubs an unknown flag', () => stubFeatureFlags({ no_flag: true }))
test.skip('a skipped test', () => stubFeatureFlags({ no_flag: true }))
let tries = 0
retried('a retried test begins without the stubs of its first try', () => {
  equal(Feature.enabled('dark_mode'), true)
  stubFeatureFlags({ dark_mode: false })
  tries += 1
  if (tries === 1) throw new Error('once more')
})
`

export const afterTimeout = `
withTimeout('fails as it never ends', 100, async () => {
  stubFeatureFlags({ dark_mode: false })
  await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
})
test('the next test has its own flags, also outside of it', async () => {
  equal(Feature.enabled('dark_mode'), true)
  await new Promise((resolve) => setTimeout(resolve, 50))
  equal(Feature.enabled('dark_mode'), true)
})
`

export const onlyTest = `
test.only('the only test', () => {
  stubFeatureFlags({ dark_mode: false })
  equal(Feature.enabled('dark_mode'), false)
})
test('fails if it runs', () => { throw new Error('it ran') })
`
