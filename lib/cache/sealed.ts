// Small texts that carry their own SHA-256, on a line before them: a bit flipped in the name of an actor would otherwise
// still have the right shape. It tells damage from sense; who may write to Redis can of course seal whatever he likes.
import { hash } from 'node:crypto'

const hashLength = 64

export function seal(body: string): string {
  return `${hash('sha256', body)}\n${body}`
}

/** The text that was sealed; null for anything else. */
export function unseal(text: string): string | null {
  const body = text.slice(hashLength + 1)
  return text[hashLength] === '\n' && text.slice(0, hashLength) === hash('sha256', body) ? body : null
}
