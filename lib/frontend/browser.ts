// The flags of a page, in the page. It imports nothing at run time.
import type { GlFeatures, PushedExperiment, PushedFeatures } from './page-flags.js'

export type { FrontendFlagName, GlFeatures, PushedExperiment, PushedFeatures } from './page-flags.js'

interface Gon {
  features?: PushedFeatures
  experiment?: Readonly<Record<string, PushedExperiment>>
  strict?: boolean
}

const gon = (): Gon => (globalThis as { gon?: Gon }).gon ?? {}

function reading(pushed: () => PushedFeatures, warns: () => boolean): GlFeatures {
  const warned = new Set<string>()
  return new Proxy<GlFeatures>({} as GlFeatures, {
    get(target, name) {
      const features = pushed()
      if (typeof name !== 'string') return undefined
      if (Object.hasOwn(features, name)) return features[name] === true
      // What languages and tools ask of any object is not the name of a flag.
      if (name in target || !/^(?!then$|toJSON$)[a-z0-9]+$/i.test(name)) return Reflect.get(target, name)
      if (warns() && !warned.has(name)) {
        warned.add(name)
        console.warn(`The flag "${name}" is off here: it was not pushed (pushFrontendFeatureFlag)`)
      }
      return false
    },
    has: (_, name) => Object.hasOwn(pushed(), name),
    set: () => false,
    ownKeys: () => Object.keys(pushed()),
    getOwnPropertyDescriptor: (_, name) => {
      const found = Object.getOwnPropertyDescriptor(pushed(), name)
      return found && { ...found, configurable: true, writable: false }
    },
  })
}

/**
 * The flags that the server pushed into this page: `glFeatures.darkMode`. A flag that was not pushed is off, and the console says so
 * where the server is in strict mode. Nothing can be assigned.
 */
export const glFeatures: GlFeatures = reading(
  () => gon().features ?? {},
  () => gon().strict === true,
)

/** The same for flags that reached the page in another way, such as properties of a component; `warns` where the console shall say. */
export function glFeaturesOf(pushed: PushedFeatures, warns = false): GlFeatures {
  return reading(
    () => pushed,
    () => warns,
  )
}

/** What the server pushed of an experiment; undefined for none. */
export function getExperimentData(name: string): PushedExperiment | undefined {
  const all = gon().experiment ?? {}
  return Object.hasOwn(all, name) ? all[name] : undefined
}

/** The variant that the page shows: `control` where the server pushed none. */
export function getExperimentVariant(name: string): string {
  return getExperimentData(name)?.variant ?? 'control'
}
