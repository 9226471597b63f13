// What a report of tests says against them: flags of which no test saw one of the two states, and stubs that no check asked for.
import type { Definition } from '../../definition/definition.js'
import { quoted } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { SeenState, TestOfReport } from './read-report.js'

/** Warnings, because a flag may be new, and its tests of another run. */
export function testFaults(definitions: Iterable<Definition>, tests: readonly TestOfReport[]): readonly UsageFault[] {
  return [
    ...[...definitions].flatMap((definition) => unseenFault(definition, tests) ?? []),
    ...tests.flatMap(unreadFaults),
  ]
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

function unreadFaults({ name, file, unread }: TestOfReport): readonly UsageFault[] {
  return unread.map((flag) =>
    makeUsageFault({
      file: file ?? '.',
      rule: 'unread-stub',
      severity: 'warning',
      flag,
      problem: `the test ${quoted(name)} stubs the flag ${quoted(flag)}, and no check in it asked for it`,
      remedy: 'take the stub out, or look why the code under test does not ask',
    }),
  )
}
