// What the page of a store tells its scripts of flags.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Feature } from 'sluice'
import { toHavePushedFeatureFlags, withFeatureFlags } from 'sluice/testing'
import { Customer } from '../src/actors.js'
import { buildApp } from '../src/app.js'

before(() => Feature.start({ env: 'test', databaseUrl: 'memory', logger: false }))
after(() => Feature.stop())

test('the page tells the flags of its customer, and no others', async () => {
  await Feature.enable('one_page_checkout', new Customer(7))
  const app = await buildApp()
  for (const [customer, onePageCheckout] of [
    ['7', true],
    ['8', false],
  ] as const) {
    const { body } = await app.inject({ url: '/stores/paris', headers: { 'x-customer-id': customer } })
    const { pass, message } = toHavePushedFeatureFlags(body, {
      onePageCheckout,
      expressDelivery: false,
      readOnlyMode: false,
    })
    assert.ok(pass, message())
    assert.ok(!toHavePushedFeatureFlags(body, ['loyaltyPoints']).pass)
  }
})

test('the page says that the shop is read-only, while it is, also where JavaScript is off', async () => {
  const app = await buildApp()
  for (const isOn of [true, false]) {
    const { body } = await withFeatureFlags({ read_only_mode: isOn }, () => app.inject('/stores/paris'))
    assert.equal(body.includes('<p id="notice">'), isOn)
    const { pass, message } = toHavePushedFeatureFlags(body, { readOnlyMode: isOn })
    assert.ok(pass, message())
  }
})
