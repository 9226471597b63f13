// Why a flag is on or off for actors, and what all flags answer for them.
import type { Answer, Sent } from './operations.generated.js'
import { flag, list, number, object, oneOf, orNull, otherwise, type Parser, text } from './parse.js'
import type { Door } from './request.js'

export type Explanation = Answer<'explainFeature'>
export type Step = Explanation['steps'][number]
export type AllExplained = Answer<'explainWebFlags'>
export type FlagAnswer = AllExplained['flags'][number]
export type AsOf = Explanation['as_of']

type Positioned = NonNullable<AsOf['position']>

const asOf = object<AsOf>({
  position: orNull(object<Positioned>({ version: text, nonce: orNull(text) })),
  at: orNull(text),
  from: oneOf('store', 'memory', 'stub'),
})
const detail = object<NonNullable<Step['detail']>>({
  input: text,
  joined_id: text,
  checksum: number,
  bucket: number,
  threshold: number,
})
const plainStep = object<Omit<Step, 'detail'>>({ gate: text, open: orNull(flag), decides: flag, why: text })
const hasDetail = object<{ detail: Step['detail'] | null }>({ detail: orNull(detail) })
const step: Parser<Step> = (value, place) => {
  const { detail: found } = hasDetail(value, place)
  return { ...plainStep(value, place), ...(found ? { detail: found } : {}) }
}
const answer = { value: orNull(flag), reason: text, chance: number, approximate: otherwise(list(text), []) }
const by = object<NonNullable<Explanation['by']>>({
  change_id: orNull(text),
  position: orNull(object({ version: text, nonce: text })),
  at: text,
  author: text,
  source: text,
  reason: orNull(text),
})
const explanation = object<Explanation>({
  name: text,
  actors: list(text),
  ...answer,
  steps: list(step),
  as_of: asOf,
  by: orNull(by),
})
const than = object<NonNullable<FlagAnswer['than']>>(answer)
const flagAnswer = object<Omit<FlagAnswer, 'than'> & { than: FlagAnswer['than'] | null }>({
  name: text,
  ...answer,
  default: orNull(flag),
  than: orNull(than),
})
const all = object({ as_of: asOf, than_as_of: orNull(asOf), flags: list(flagAnswer) })

/** Throws ApiFault: `feature_not_found`, `invalid_point`, `not_in_history` and what else the server says. */
export function fetchExplanation(
  door: Door,
  name: string,
  body: Sent<'explainFeature'>,
  signal?: AbortSignal,
): Promise<Explanation> {
  const path = `/api/v4/features/${encodeURIComponent(name)}/explain`
  return door.ask(path, explanation, { method: 'POST', body, signal })
}

export interface Answers {
  readonly asOf: AsOf
  /** Of what is compared with; null where nothing is. */
  readonly thanAsOf: AsOf | null
  readonly flags: readonly (Omit<FlagAnswer, 'than'> & { readonly than: NonNullable<FlagAnswer['than']> | null })[]
}

/** What all flags answer; throws as above. */
export async function fetchAnswers(door: Door, body: Sent<'explainWebFlags'>, signal?: AbortSignal): Promise<Answers> {
  const { as_of, than_as_of, flags } = await door.ask('/api/web/explain', all, { method: 'POST', body, signal })
  return { asOf: as_of, thanAsOf: than_as_of, flags: flags.map((one) => ({ ...one, than: one.than ?? null })) }
}
