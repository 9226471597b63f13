// Files that could not be read or parsed. The rest is checked all the same, and the names that they quote count as used.
import { printable } from '../text/printable.js'
import type { FileFacts } from './facts.js'
import { makeUsageFault, type UsageFault } from './usage-fault.js'

export interface ReadFiles {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly unread: readonly { readonly path: string; readonly reason: string }[]
  readonly large: readonly string[]
  readonly isEmpty: boolean
}

export function fileFaults({ facts, unread, large, isEmpty }: ReadFiles): readonly UsageFault[] {
  return [
    ...(isEmpty ? [nothingFound()] : []),
    ...unread.map(({ path, reason }) =>
      makeUsageFault({
        file: path,
        rule: 'file',
        problem: `cannot be read (${printable(reason)}), so the flags that it asks are not known`,
        remedy: 'make it readable for this user, or leave it out with usage.exclude',
      }),
    ),
    ...large.map((path) =>
      makeUsageFault({
        file: path,
        rule: 'file',
        severity: 'note',
        problem: 'is larger than 1 MB and was not parsed; the names of flags that it quotes count as used',
        remedy: 'leave it out with usage.exclude if it was generated',
      }),
    ),
    ...[...facts].flatMap(([file, { faults }]) =>
      faults.map(({ line, column, problem }) =>
        makeUsageFault({
          file,
          line,
          column,
          rule: 'syntax',
          problem: printable(problem),
          remedy: 'correct it; until then the names of flags that it quotes count as used',
        }),
      ),
    ),
  ]
}

function nothingFound(): UsageFault {
  const problem = 'no source files were found, so no flag can be asked'
  return makeUsageFault({
    file: '.',
    rule: 'file',
    problem,
    remedy: 'check the working directory (or --root) and usage.include',
  })
}
