// What is asked on the page that explains, as its address has it: in a fixed order, with what is usual left out.

export interface Question {
  /** Null asks all flags. */
  readonly flag: string | null
  /** Asked at once, as a check with several actors does; none is a check without an actor. */
  readonly actors: readonly string[]
  /** A point in the past as a person writes it; empty for now. */
  readonly at: string
  /** Of all flags, which are shown. */
  readonly only: 'on' | 'different' | 'all'
  /** What it is compared with; null for nothing. */
  readonly than: { readonly actors: readonly string[]; readonly at: string } | null
}

export const mostActors = 100
const longest = 1_000

/** What the address asks; null where it asks nothing yet. */
export function readQuestion(query: Readonly<Record<string, unknown>>): Question | null {
  const only = texts(query['only'])[0]
  const than = { actors: texts(query['than']).slice(0, mostActors), at: texts(query['than_at'])[0] ?? '' }
  const isAsked = ['flag', 'actor', 'at', 'than', 'than_at', 'only'].some((key) => texts(query[key]).length > 0)
  if (!isAsked) return null
  return {
    flag: texts(query['flag'])[0] ?? null,
    actors: texts(query['actor']).slice(0, mostActors),
    at: texts(query['at'])[0] ?? '',
    only: only === 'different' || only === 'all' ? only : 'on',
    than: than.actors.length === 0 && than.at === '' ? null : than,
  }
}

export function writeQuestion({ flag, actors, at, only, than }: Question): Record<string, string | string[]> {
  // The address of a question about nothing in particular still says that it was asked.
  const isBare = flag === null && actors.length === 0 && at === '' && than === null
  return {
    ...(flag === null ? {} : { flag }),
    ...(actors.length === 0 ? {} : { actor: [...actors] }),
    ...(at === '' ? {} : { at }),
    ...(flag !== null || (only === 'on' && !isBare) ? {} : { only }),
    ...(than === null || than.actors.length === 0 ? {} : { than: [...than.actors] }),
    ...(than === null || than.at === '' ? {} : { than_at: than.at }),
  }
}

/** Actors as they are typed: with commas, or white space between them. */
export function splitActors(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))]
}

/** The point of a time field of the browser, which is in this machine's zone: with its offset, because a time without one is refused. */
export function withOffset(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? local : at.toISOString().replace(/\.000Z$/, 'Z')
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (one: unknown): one is string => typeof one === 'string' && one !== '' && one.length <= longest,
  )
}
