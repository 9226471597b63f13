// The experiment of the basket and of the page: with a pinned variant, with the weights, and for those who take no part.
import assert from 'node:assert/strict'
import { after, before, beforeEach } from 'node:test'
import { Feature } from 'sluice'
import { stubExperiments } from 'sluice/testing'
import { test } from 'sluice/testing/node'
import { Customer } from '../src/actors.js'
import { buildApp } from '../src/app.js'
import { exposures } from '../src/gift-wrap.js'

before(() => Feature.start({ env: 'test', databaseUrl: 'memory', logger: false }))
after(() => Feature.stop())
beforeEach(() => {
  exposures.length = 0
})

async function offersTo(customer: string, query = ''): Promise<readonly string[]> {
  const app = await buildApp()
  return (await app.inject(`/customers/${customer}/basket${query}`)).json().offers
}

test('a customer in the variant paper is offered paper', async () => {
  stubExperiments({ gift_wrap: 'paper' })
  assert.deepEqual(await offersTo('7'), ['wrapped in paper'])
  assert.deepEqual(
    exposures.map(({ variant }) => variant),
    ['paper'],
  )
})

test('guests take no part, and are not counted', async () => {
  stubExperiments({ gift_wrap: 'paper' })
  assert.deepEqual(await offersTo('guest'), [])
  assert.deepEqual(exposures, [])
})

test('a customer keeps the variant that the weights gave', async () => {
  await Feature.enable('gift_wrap', new Customer(7))
  const first = await offersTo('7')
  assert.deepEqual(await offersTo('7'), first)
  assert.equal(exposures.length, 1)
})

test('the people of the shop see paper before the rollout reaches them', async () => {
  await Feature.enable('gift_wrap', new Customer(7))
  assert.deepEqual(await offersTo('staff-1'), ['wrapped in paper'])
  assert.deepEqual(await offersTo('8'), [])
})

test('a tester sees the variant that was asked for, and is not counted', async () => {
  assert.deepEqual(await offersTo('7', '?glex_force=gift_wrap:cloth'), ['wrapped in cloth'])
  assert.deepEqual(exposures, [])
})

test('the page of a customer shows the variant, and tells it to its scripts', async () => {
  const app = await buildApp()
  const pageFor = async (customer?: string) =>
    (await app.inject({ url: '/stores/paris', headers: customer === undefined ? {} : { 'x-customer-id': customer } }))
      .body
  stubExperiments({ gift_wrap: 'cloth' })
  const page = await pageFor('7')
  assert.match(page, /<p id="gifts">Gifts are wrapped in cloth\./)
  assert.match(page, /"gift_wrap":\{"experiment":"gift_wrap","variant":"cloth","key":"[0-9a-f]{64}","excluded":false\}/)
  assert.ok(!page.includes('Customer;7'))
  const pageOfGuest = await pageFor()
  assert.match(pageOfGuest, /<p id="gifts" hidden>/)
  assert.match(pageOfGuest, /"variant":"control","key":"[0-9a-f]{64}","excluded":true/)
})
