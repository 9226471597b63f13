// Where the page gets its answers from: an Unleash SDK (unleash.ts) or this library (library.ts). The page knows only this.
import type { DemoFlag } from './flags.js'

export interface FlagSource {
  /** What the page's footer calls it. */
  readonly name: string
  isEnabled(flag: DemoFlag, userId: string): boolean
  /** Whom the flag is on for; null if the source knows no such flag. */
  audiences(flag: DemoFlag): readonly Audience[] | null
  freshness(): Freshness
  close(): Promise<void>
}

/** A part of the users; a flag is on for all of its parts together. */
export type Audience =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'users'; readonly count: number }
  | { readonly kind: 'share'; readonly percent: number; readonly by: string }
  | { readonly kind: 'other'; readonly name: string }

export interface Freshness {
  /** When the source last knew the flags to be right; null if it never did. */
  readonly asOf: Date | null
  /** `stopped`: it will not ask again. */
  readonly state: 'current' | 'connecting' | 'failing' | 'stopped'
}

/** The words of a card: whom the flag is on for. */
export function describeAudiences(audiences: readonly Audience[] | null): string {
  if (audiences === null) return 'No such flag in this environment: off for all users.'
  if (audiences.length === 0) return 'Switched off for all users.'
  return `For ${audiences.map(describeAudience).join(', and for ')}.`
}

function describeAudience(audience: Audience): string {
  switch (audience.kind) {
    case 'everybody':
      return 'all users'
    case 'users':
      return audience.count === 1 ? '1 user by ID' : `${audience.count} users by ID`
    case 'share':
      return `${audience.percent} % of users ${audience.by}`
    case 'other':
      return audience.name
  }
}
