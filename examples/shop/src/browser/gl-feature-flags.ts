// For components of Vue: `this.glFeatures.onePageCheckout` in each one that has the mixin. A test gives other flags by `provide`.
import { type GlFeatures, glFeatures } from 'sluice/browser'
import { defineComponent } from 'vue'

export const glFeatureFlagsMixin = () =>
  defineComponent({
    inject: { provided: { from: 'glFeatures', default: () => glFeatures } },
    computed: {
      glFeatures(): GlFeatures {
        return this.provided as GlFeatures
      },
    },
  })
