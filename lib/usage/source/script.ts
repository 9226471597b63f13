// The facts of a script: what it asks, exports, and what is wrong with it.
import { type FileFacts, noFacts } from '../facts.js'
import type { SourceSettings } from '../settings.js'
import { Evaluator } from './evaluator.js'
import { exportsOf } from './exports.js'
import { LineIndex } from './line-index.js'
import type { Language, Parser } from './parser.js'
import { quotedNames } from './text.js'
import { Tree } from './tree/tree.js'
import { usesOf } from './uses.js'

export interface ScriptSource {
  readonly text: string
  readonly language: Language
  /** Whether code at this place, outside of functions, runs once for each component. Default: nowhere. */
  readonly runsLater?: (offset: number) => boolean
}

export function scriptFacts(source: ScriptSource, parser: Parser, settings: SourceSettings): FileFacts {
  const { text, language, runsLater = () => false } = source
  const lines = new LineIndex(text)
  const { program, fault } = parser.parse(text, language)
  if (fault !== null) {
    const problem = `cannot be read as ${language === 'jsx' ? 'JavaScript' : 'TypeScript'} (${fault.message})`
    return { ...noFacts, quoted: quotedNames(text), faults: [{ ...lines.at(fault.offset), problem }] }
  }
  const tree = new Tree(program, parser)
  const evaluator = new Evaluator(tree)
  const uses = usesOf({ tree, evaluator, lines, settings, runsLater })
  return { ...noFacts, uses, ...exportsOf(tree, evaluator) }
}
