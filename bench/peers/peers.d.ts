// What the bench uses of the libraries that it measures Sluice beside. They are installed by the first run of the bench alone, and
// the compiler has to read the bench without them.

declare module 'fflip' {
  interface Criterion<User> {
    readonly id: string
    // A method, so that each criterion may say what its own value is.
    check(user: User, value: unknown): boolean
  }
  interface Feature {
    readonly id: string
    readonly enabled?: boolean
    readonly criteria?: readonly Readonly<Record<string, unknown>>[]
  }
  const fflip: {
    config<User>(options: {
      readonly criteria: readonly Criterion<User>[]
      readonly features: readonly Feature[]
    }): void
    isFeatureEnabledForUser(name: string, user: { readonly id: string }): boolean
  }
  export default fflip
}

declare module '@openfeature/flagd-core' {
  export class FlagdCore {
    setConfigurations(json: string): void
    resolveBooleanEvaluation(
      flag: string,
      defaultValue: boolean,
      context: { readonly targetingKey: string },
    ): { readonly value: boolean }
  }
}

declare module '@growthbook/growthbook' {
  export class GrowthBookClient {
    initSync(options: { readonly payload: { readonly features: Readonly<Record<string, object>> } }): GrowthBookClient
    isOn(flag: string, user: { readonly attributes: { readonly id: string } }): boolean
    destroy(): void
  }
}

declare module '@launchdarkly/node-server-sdk' {
  interface User {
    readonly kind: 'user'
    readonly key: string
  }
  interface Client {
    waitForInitialization(options: { readonly timeout: number }): Promise<unknown>
    boolVariation(flag: string, user: User, defaultValue: boolean): Promise<boolean>
    close(): void
  }
  export function init(key: string, options: object): Client
  export const integrations: {
    readonly TestData: new () => { usePreconfiguredFlag(flag: object): unknown; getFactory(): unknown }
  }
}

declare module 'unleash-client' {
  import type { EventEmitter } from 'node:events'

  export class InMemStorageProvider {}
  export class Unleash extends EventEmitter {
    constructor(options: object)
    start(): Promise<void>
    isEnabled(flag: string, user: { readonly userId: string }): boolean
    destroy(): void
  }
}
