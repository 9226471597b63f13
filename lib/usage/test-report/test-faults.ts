// What a report of tests says against them: flags of which no test saw one of the two states, and stubs that no check asked for.
import type { Definition } from '../../definition/definition.js'
import { quoted } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { SeenState, TestOfReport } from './read-report.js'

/** Warnings, because a flag may be new, and its tests of another run. */
export function testFaults(definitions: Iterable<Definition>, tests: readonly TestOfReport[]): readonly UsageFault[] {
  return [...[...definitions].flatMap((definition) => unseenFault(definition, tests) ?? []), ...unreadFaults(tests)]
}

function unseenFault({ name, path }: Definition, tests: readonly TestOfReport[]): UsageFault | null {
  const seenIn = (state: SeenState) => tests.filter(({ read }) => read.get(name)?.includes(state) === true).length
  const [on, off] = [seenIn('on'), seenIn('off')]
  if (on > 0 && off > 0) return null
  const missing = on > 0 ? 'off' : 'on'
  const problem =
    on + off === 0
      ? `no test asked for the flag ${quoted(name)}`
      : `no test saw the flag ${quoted(name)} ${missing} (${missing === 'on' ? 'off' : 'on'} in ${on + off} of ${tests.length})`
  const remedy =
    on + off === 0
      ? `test the code that asks for it with bothStates('${name}', …)`
      : `add a test with stubFeatureFlags({ ${name}: ${missing === 'on'} })`
  return makeUsageFault({ file: path, rule: 'untested-state', severity: 'warning', flag: name, problem, remedy })
}

/**
 * One for each file and flag. A stub in a hook is for several tests, of which some may not ask: it is of use where one test of the file
 * does.
 */
function unreadFaults(tests: readonly TestOfReport[]): readonly UsageFault[] {
  const byFile = new Map<string, TestOfReport[]>()
  for (const test of tests) byFile.set(test.file ?? '.', [...(byFile.get(test.file ?? '.') ?? []), test])
  return [...byFile].flatMap(([file, inFile]) => {
    const flags = new Set(inFile.flatMap(({ unread }) => unread))
    return [...flags].flatMap((flag) => {
      if (inFile.some(({ read }) => read.has(flag))) return []
      return [
        unreadFault(
          file,
          flag,
          inFile.filter(({ unread }) => unread.includes(flag)),
        ),
      ]
    })
  })
}

function unreadFault(file: string, flag: string, tests: readonly TestOfReport[]): UsageFault {
  const [first] = tests
  const others = tests.length < 2 ? '' : ` (and ${tests.length - 1} more of this file)`
  return makeUsageFault({
    file,
    rule: 'unread-stub',
    severity: 'warning',
    flag,
    problem: `the test ${quoted(first?.name)}${others} stubs the flag ${quoted(flag)}, and no check in this file asked for it`,
    remedy: 'take the stub out, or look why the code under test does not ask',
  })
}
