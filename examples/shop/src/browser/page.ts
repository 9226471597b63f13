// What JavaScript adds to the page of a store, with the flags and the experiment that the server pushed: without any framework, with Vue and with React.
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { getExperimentVariant, glFeatures } from 'sluice/browser'
import { createApp, defineComponent, h } from 'vue'
import { glFeatureFlagsMixin } from './gl-feature-flags.js'
import { useFeature } from './use-feature.js'

const Delivery = defineComponent({
  mixins: [glFeatureFlagsMixin()],
  render() {
    return h('strong', this.glFeatures.expressDelivery ? 'Within two hours' : 'Tomorrow')
  },
})

function Checkout() {
  return createElement(
    'button',
    { type: 'button' },
    useFeature('onePageCheckout') ? 'Pay on one page' : 'Pay in four steps',
  )
}

const at = (id: string): Element => document.getElementById(id) ?? document.body
at('notice').toggleAttribute('hidden', !glFeatures.readOnlyMode)
const wrap = getExperimentVariant('gift_wrap')
if (wrap !== 'control') {
  const button = document.createElement('button')
  button.textContent = `Wrap it in ${wrap}`
  at('gifts').replaceChildren(button)
}
createApp(Delivery).mount(at('delivery'))
createRoot(at('checkout')).render(createElement(Checkout))
