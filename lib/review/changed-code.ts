// Which flags have code that the change touches: a function or class that asks the flag has a changed line, or a line that named the flag
// was taken out. Where functions begin is git's guess (`--function-context`), which needs no parser.
import { type Comparison, plainDiff } from './comparison.js'
import type { Code, Place } from './code.js'
import { gitOutput, zeroTerminated } from './git.js'

/** A place whose line is null is gone: a line that named the flag was taken out of the file. */
export type ChangedPlace = Omit<Place, 'line'> & { readonly line: number | null }

/** The changed places of each flag that has any; `names` are the flags that may be meant. */
export function changedCode(
  comparison: Comparison,
  names: ReadonlySet<string>,
  { named, isCode }: Code,
): ReadonlyMap<string, readonly ChangedPlace[]> {
  const paths = comparison.paths.filter(isCode)
  const patches = new Map(chunks(paths).flatMap((some) => [...patchesOf(comparison, some)]))
  const untracked = paths.filter((path) => !patches.has(path))
  const found = new Map<string, ChangedPlace[]>()
  const add = (name: string, place: ChangedPlace) => {
    const places = found.get(name) ?? []
    if (!places.some(({ file, line }) => file === place.file && line === place.line)) places.push(place)
    found.set(name, places)
  }
  for (const [name, places] of named) {
    for (const { file, line } of places) {
      const isNew =
        untracked.includes(file) || patches.get(file)?.ranges.some(([from, to]) => from <= line && line <= to)
      if (isNew) add(name, { file, line })
    }
  }
  for (const [file, { goneTexts }] of patches) {
    for (const text of goneTexts) if (names.has(text)) add(text, { file, line: null })
  }
  return found
}

interface Patch {
  /** First and last lines, as the file is now. */
  readonly ranges: readonly (readonly [number, number])[]
  /** Texts in quotes on lines that are gone, unless another line has them instead. */
  readonly goneTexts: readonly string[]
}

/** Arguments of a process have a limit. */
function chunks(paths: readonly string[]): readonly (readonly string[])[] {
  const size = 200
  return Array.from({ length: Math.ceil(paths.length / size) }, (_, index) =>
    paths.slice(index * size, (index + 1) * size),
  )
}

function patchesOf({ root, commit }: Comparison, paths: readonly string[]): ReadonlyMap<string, Patch> {
  const names = zeroTerminated(gitOutput(root, ['diff', ...plainDiff, '--name-only', '-z', commit, '--', ...paths]))
  const whole = gitOutput(root, ['diff', ...plainDiff, '--function-context', '--unified=0', commit, '--', ...paths])
  // In a patch each line of a file begins with a sign; the header of a file is told apart by that, and its name by its number.
  const [, ...parts] = `\n${whole.toString('utf8')}`.split('\ndiff --git ')
  return new Map(names.map((name, index) => [name, patchIn(parts[index] ?? '')]))
}

function patchIn(text: string): Patch {
  const ranges: [number, number][] = []
  const gone: string[] = []
  const fresh = new Set<string>()
  let inHunk = false
  for (const line of text.split('\n')) {
    const [, start, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (start !== undefined) {
      inHunk = true
      ranges.push([Number(start), Number(start) + Number(count) - 1])
    } else if (inHunk && line.startsWith('-')) gone.push(...quotedNames(line))
    else if (inHunk && line.startsWith('+')) for (const name of quotedNames(line)) fresh.add(name)
  }
  return { ranges, goneTexts: gone.filter((name) => !fresh.has(name)) }
}

function quotedNames(line: string): readonly string[] {
  return [...line.matchAll(/(['"`])([a-z0-9]+(?:_[a-z0-9]+)*)\1/g)].map((match) => match[2] ?? '')
}
