// The mixin of Vue and the hook of React in the shop: they read what was pushed, and a test of a component gives other flags.
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, expect, it } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { glFeatureFlagsMixin } from '../../examples/shop/src/browser/gl-feature-flags.js'
import { Features, useFeature } from '../../examples/shop/src/browser/use-feature.js'
import { glFeaturesOf } from '../../lib/frontend/browser.js'

const page = globalThis as { gon?: object }
afterEach(() => {
  delete page.gon
})

const Vue = defineComponent({
  mixins: [glFeatureFlagsMixin()],
  render() {
    return h('p', String(this.glFeatures['darkMode']))
  },
})
const React = () => createElement('p', null, String(useFeature('darkMode')))

it('a component of Vue reads what was pushed, or what a test provides', async () => {
  page.gon = { features: { darkMode: false } }
  expect(await renderToString(createSSRApp(Vue))).toBe('<p>false</p>')
  expect(await renderToString(createSSRApp(Vue).provide('glFeatures', { darkMode: true }))).toBe('<p>true</p>')
})

it('a component of React reads what was pushed, or what a test provides', () => {
  page.gon = { features: { darkMode: false } }
  expect(renderToStaticMarkup(createElement(React))).toBe('<p>false</p>')
  const value = glFeaturesOf({ darkMode: true })
  expect(renderToStaticMarkup(createElement(Features, { value }, createElement(React)))).toBe('<p>true</p>')
})
