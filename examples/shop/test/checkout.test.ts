// The shop with its flags in each state, in this process and without a database. Every defined flag is on, unless a test says otherwise;
// the tests run at the same time, and none sees the flags of another.
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { bothStates, stubFeatureFlagGate, stubFeatureFlags } from 'sluice/testing'
import { beforeEach, test } from 'sluice/testing/node'
import { Customer, Store } from '../src/actors.js'
import { buildApp } from '../src/app.js'
import { checkoutFor } from '../src/checkout.js'

let app: FastifyInstance
before(async () => {
  app = await buildApp()
})
after(() => app.close())

const fourPages = ['address', 'delivery', 'payment', 'summary']

async function ask(customer: string, store: string): Promise<unknown> {
  const answer = await app.inject({ url: `/stores/${store}/checkout`, headers: { 'x-customer-id': customer } })
  return answer.json()
}

describe('the checkout', { concurrency: true }, () => {
  // No order can be paid while the shop is read-only.
  beforeEach(() => stubFeatureFlags({ read_only_mode: false }))

  test('is one page for customers who have it, and four for all others', async () => {
    stubFeatureFlags({ one_page_checkout: [new Customer(7), new Customer(9)], express_delivery: false })
    assert.deepEqual(await ask('7', 'paris'), { steps: ['checkout'], express: false })
    assert.deepEqual(await ask('8', 'paris'), { steps: fourPages, express: false })
  })

  test('offers express delivery in the stores that have it', async () => {
    stubFeatureFlags({ one_page_checkout: false, express_delivery: new Store('paris') })
    assert.deepEqual(await ask('7', 'paris'), { steps: fourPages, express: true })
    assert.deepEqual(await ask('7', 'rome'), { steps: fourPages, express: false })
  })

  test('offers none where another store has it', async () => {
    stubFeatureFlags({ express_delivery: stubFeatureFlagGate('Store'), one_page_checkout: true })
    assert.deepEqual(await ask('7', 'paris'), { steps: ['checkout'], express: false })
  })

  test('has as many steps as its flag says', () =>
    bothStates('one_page_checkout', (isOn) => {
      assert.equal(checkoutFor(new Customer(7), new Store('rome')).steps.length, isOn ? 1 : 4)
    }))
})

test('every answer says that the shop is read-only, while it is', () =>
  bothStates('read_only_mode', async (isOn) => {
    const { headers } = await app.inject('/stores/paris/checkout')
    assert.equal(headers['x-read-only'], isOn ? 'true' : undefined)
  }))

test('points are there for customers who have the flag, and with the Enterprise Edition only', async () => {
  stubFeatureFlags({ loyalty_points: new Customer(7) })
  assert.equal((await app.inject('/customers/7/points')).statusCode, 200)
  assert.equal((await app.inject('/customers/8/points')).statusCode, 404)
})
