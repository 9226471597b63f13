// What is usually done next with a flag that is being rolled out.
import type { FlagDetail } from '../api/flag.js'

export type NextStep =
  | { readonly kind: 'raise'; readonly to: number; readonly text: string }
  /** A day at 100 %: everybody who has an id has it, and nothing complained. */
  | { readonly kind: 'remove'; readonly text: string }
  | { readonly kind: 'wait'; readonly text: string }
  | null

export const steps: readonly number[] = [1, 10, 25, 50, 75, 100]
const dayMs = 86_400_000

export function nextStepOf({ definition, gates, history, state }: FlagDetail, now: number): NextStep {
  if (definition === null || definition.type === 'ops' || definition.type === 'experiment') return null
  const share = gates.percentage_of_actors
  const isFull = state === 'on' || (state === 'conditional' && share >= 100)
  if (!isFull) {
    if (definition.default_enabled === true && state === 'default') return null
    const to = steps.find((step) => step > share) ?? 100
    return { kind: 'raise', to, text: `Usual next step: ${to} % of actors.` }
  }
  const [newest] = history
  const since = newest === undefined ? null : Date.parse(newest.at)
  const isOld = since !== null && now - since >= dayMs
  if (!isOld)
    return {
      kind: 'wait',
      text: 'It is on for all. After a day without complaints the flag can be removed from the code.',
    }
  return {
    kind: 'remove',
    text: 'It has been on for all for a day or longer. Remove it: first the code that asks for it, then the file of its definition, then what is stored.',
  }
}
