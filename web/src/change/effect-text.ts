// Who gains a flag and who loses it, in words.
import type { Effect } from '../api/preview.js'
import type { KnownActors } from '../api/flag.js'
import { count, counted } from '../text/numbers.js'
import { visible } from '../text/visible.js'

export interface Piece {
  readonly text: string
  /** How it is shown; a number of zero is quiet, because it is good news or none. */
  readonly kind: 'gain' | 'lose' | 'quiet' | 'plain'
}

/** Whole sentences: `+4,604 gain it, 0 lose it of 18,432 known actors of the class User (± 106).` */
export function effectPieces(effect: Effect): readonly Piece[] {
  const { actor_class: name, gain, known, lose, margin, sample, unknown } = effect
  if (known === null) {
    const ofClass = name === null ? '' : ` of the class ${visible(name)}`
    const text = `How many gain or lose it is not known: no actors${ofClass} are known.`
    return [{ text, kind: 'quiet' }, ...everybodyPieces(effect)]
  }
  const about = sample < known ? 'About ' : ''
  return [
    { text: `${about}${gain === 0 ? '0' : `+${count(gain)}`} gain it`, kind: gain === 0 ? 'quiet' : 'gain' },
    { text: ', ', kind: 'plain' },
    { text: `${lose === 0 ? '0' : `−${count(lose)}`} lose it`, kind: lose === 0 ? 'quiet' : 'lose' },
    { text: ` of ${knownText(effect)}${margin > 0 ? ` (± ${count(margin)})` : ''}`, kind: 'quiet' },
    ...(unknown === 0 ? [] : [{ text: `; of ${count(unknown)} it depends on a group`, kind: 'quiet' } as const]),
    { text: '.', kind: 'quiet' },
    ...everybodyPieces(effect),
  ]
}

function everybodyPieces({ everybody }: Effect): readonly Piece[] {
  return everybody ? [{ text: ' It becomes on for everybody.', kind: 'gain' }] : []
}

/** The same as a text. */
export function effectText(effect: Effect): string {
  return effectPieces(effect)
    .map(({ text }) => text)
    .join('')
    .trim()
}

/** Which actors are known, by their class and by where they are known from; classes are never added up. */
export function knownText({ actor_class: name, known, of }: Pick<Effect, 'actor_class' | 'known' | 'of'>): string {
  const actors = `known ${known === 1 ? 'actor' : 'actors'}`
  const ofClass = name === null ? '' : ` of the class ${visible(name)}`
  return `${count(known ?? 0)} ${actors}${ofClass}${of === 'lists' ? ' (those on stored lists)' : ''}`
}

/** Checks without an actor, where a change moves them. */
export function withoutActorText({ without_actor: { after, before } }: Effect): string {
  const word = (chance: number) =>
    chance === 0 ? 'off' : chance === 1 ? 'on' : `on in ${Number((chance * 100).toFixed(3))} %`
  return before === after
    ? `Checks without an actor: ${word(after)}, as before.`
    : `Checks without an actor: ${word(before)} → ${word(after)}.`
}

/** How many have it at a share, without asking: from the counts that came with the flag. Null where no actors are known. */
export function countAt(
  { by_percent: counts, known, sample }: KnownActors,
  share: number,
): { readonly on: number; readonly isAbout: boolean } | null {
  if (known === null) return null
  const [below, above] = [counts[Math.floor(share)], counts[Math.ceil(share)]]
  if (below === undefined || above === undefined) return null
  const on = Math.round(below + (above - below) * (share - Math.floor(share)))
  return { on, isAbout: sample < known || !Number.isInteger(share) }
}

/** `50 percent, about 9,216 of 18,432 known actors`: what a slider says. */
export function shareSpoken(actors: KnownActors, share: number): string {
  const at = countAt(actors, share)
  if (at === null) return `${share} percent`
  return `${share} percent, ${at.isAbout ? 'about ' : ''}${count(at.on)} of ${counted(actors.known ?? 0, 'known actor')}`
}
