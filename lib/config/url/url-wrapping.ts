// What people paste around a URL: quotes that a docker env file keeps, blanks, a line break, the command that it stood in. Named as
// such, because a message about the scheme would not help. Nothing between the wrapping is shown.
import type { UrlFault } from './url-fault.js'

const quotes = '\'"`‘’“”«»'

/** Blanks of every kind, and characters that cannot be seen, such as a byte order mark. */
const unseen = /[\s\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** The same but for a space, which has a place in passwords and options. */
const unseenInside = /(?! )[\s\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** What is around a URL or inside it that does not belong there; null if there is nothing. */
export function wrappingFault(text: string): UrlFault | null {
  const [first = ''] = text
  const [last = ''] = /.$/su.exec(text) ?? []
  if (text === '') return { reason: 'it is empty', remedy: 'give the URL, or unset it' }
  if (text.trim() === '') return { reason: 'it holds nothing but blanks', remedy: 'give the URL, or unset it' }
  if (unseen.test(first)) return { reason: `it begins with ${nameOf(first)}`, remedy: `remove ${nameOf(first, 'the')}` }
  if (unseen.test(last)) return { reason: `it ends with ${nameOf(last)}`, remedy: `remove ${nameOf(last, 'the')}` }
  if (/^(?:psql|redis-cli)\s/.test(text)) return { reason: 'it begins with a command', remedy: 'give the URL alone' }
  if (quotes.includes(first) || quotes.includes(last)) {
    const reason = quotes.includes(first) ? 'it begins with a quote' : 'it ends with a quote'
    return { reason, remedy: 'remove the quotes: an env file of docker keeps them as part of the value' }
  }
  if (/^(?:export\s+)?[A-Za-z_]\w*=\s*['"]?[a-z]+:\/\//.test(text)) {
    return { reason: 'it begins with the name of a variable and "="', remedy: 'give the value alone' }
  }
  if (/^\$(?:\w+|\{\w+\}|\(\w+\))$/.test(text)) {
    return { reason: 'it is the name of a variable that was not filled in', remedy: 'give the value of that variable' }
  }
  const [inside] = unseenInside.exec(text) ?? []
  if (inside === undefined) return null
  return { reason: `it holds ${nameOf(inside)}`, remedy: `remove ${nameOf(inside, 'the')}` }
}

/** The text without blanks, quotes and unseen characters at its ends. */
export function unwrapped(text: string): string {
  const characters = [...text]
  const belongs = (character: string) => !unseen.test(character) && !quotes.includes(character)
  return characters.slice(characters.findIndex(belongs), characters.findLastIndex(belongs) + 1).join('')
}

function nameOf(character: string, article: 'a' | 'the' = 'a'): string {
  if (character === '\n' || character === '\r') return `${article} line break`
  if (character === '\t') return `${article} tab`
  if (/\s/.test(character) && character !== '\uFEFF') return `${article} blank`
  return `${article} character that cannot be seen`
}
