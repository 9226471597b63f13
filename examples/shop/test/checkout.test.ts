// The shop with its flags in both states, in this process and without a database.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Feature } from 'sluice'
import { Customer, Store } from '../src/actors.js'
import { buildApp } from '../src/app.js'

before(() => Feature.start({ env: 'test', databaseUrl: 'memory', logger: false }))
after(() => Feature.stop())

test('a customer who has the new checkout pays on one page', async () => {
  await Feature.enable('one_page_checkout', new Customer(7))
  await Feature.enable('express_delivery', new Store('paris'))
  const app = await buildApp()
  const ask = async (customer: string, store: string) => {
    const answer = await app.inject({ url: `/stores/${store}/checkout`, headers: { 'x-customer-id': customer } })
    return answer.json()
  }
  assert.deepEqual(await ask('7', 'paris'), { steps: ['checkout'], express: true })
  assert.deepEqual(await ask('8', 'rome'), { steps: ['address', 'delivery', 'payment', 'summary'], express: false })
})

test('points are there for customers who have the flag, and with the Enterprise Edition only', async () => {
  await Feature.enable('loyalty_points', new Customer(7))
  const app = await buildApp()
  assert.equal((await app.inject('/customers/7/points')).statusCode, 200)
  assert.equal((await app.inject('/customers/8/points')).statusCode, 404)
})
