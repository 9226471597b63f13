// The entries of the runners, in projects as they are: one run of each here. SLUICE_TESTING_RUNS=100 runs the many tests as often, for each
// runner, and says how long it took (npm run test:scopes).
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ran, run } from '../../packaging/package.js'
import { makeRunnerProject, type RunnerProject, runners } from './projects.js'

const runs = Number(process.env['SLUICE_TESTING_RUNS'] ?? 1)
/** A guard against hanging: a runner starts a process for each file. */
const hangMs = 120_000

describe.each(runners)('$name', (runner) => {
  let project: RunnerProject
  /** The files of which every test passes, in one run: to start a runner costs more than the tests of a file. */
  let passing: Ran

  beforeAll(() => {
    project = makeRunnerProject(runner)
    passing = runWith({ FEATURE_LOG_LEVEL: undefined }, 'many.mjs', 'concurrent-after.mjs', 'changes.mjs')
  }, hangMs)
  afterAll(() => project.remove())

  const runFiles = (...files: readonly string[]): Ran => runWith({}, ...files)
  const runWith = (env: NodeJS.ProcessEnv, ...files: readonly string[]): Ran => {
    const { code, output } = run(project.folder, runner.command(files), { NODE_ENV: 'test', ...env })
    // TAP escapes the quotes of messages.
    return { code, output: output.replaceAll('\\"', '"') }
  }
  const count = ({ output }: Ran, mark: RegExp) => [...output.matchAll(mark)].length
  /** How often a test of this name has passed. */
  const passed = (ran: Ran, name: string) =>
    count(ran, new RegExp(`^\\s*(?:ok \\d+ - (?:\\S+\\.mjs > )?(?:.* > )?|✓ )${name}(?: .*)?$`, 'gm'))

  it(`runs 200 tests at once, each with stubs of its own, ${runs} times`, { timeout: runs * hangMs }, () => {
    const began = performance.now()
    for (let turn = 0; turn < runs; turn++) {
      const ran = runs === 1 ? passing : runFiles('many.mjs')
      expect(ran).toMatchObject({ code: 0 })
      expect(passed(ran, 'test \\d+')).toBe(200)
    }
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    if (runs > 1) process.stdout.write(`${runner.name}: ${runs} runs of 200 tests in ${seconds} s, none failed\n`)
  })

  it('runs hooks, servers, retries and skipped tests in scopes, and fails tests that caught an invalid use or took too long', () => {
    const { code, output } = runFiles('tests.mjs', 'after-timeout.mjs')
    expect(code).toBe(1)
    expect(failedIn(output)).toEqual([
      'fails as it caught an invalid use',
      'fails as it expects an invalid use with toThrow',
      'fails as it never ends',
      'fails as it stubs an unknown flag',
    ])
    expect(output).toContain('the test "fails as it caught an invalid use" used a feature flag in an invalid way')
    expect(output).toContain('calls expectInvalidFlag(() => …) of sluice/testing in place of toThrow()')
  })

  it('runs a concurrent test without the stubs of the test before it', () => {
    expect(passing).toMatchObject({ code: 0 })
    expect(passed(passing, 'a concurrent test after it has the server for itself')).toBe(1)
  })

  it.runIf(runner.name === 'jest')('gives tests scopes that are registered by what @jest/globals exports', () => {
    const ran = runFiles('imported.mjs')
    expect(ran).toMatchObject({ code: 0 })
    expect(passed(ran, 'test \\d+')).toBe(200)
  })

  it('is quiet about what tests change, unless FEATURE_LOG_LEVEL says otherwise', () => {
    const line = '"key":"dark_mode"'
    expect(passing).toMatchObject({ code: 0, output: expect.not.stringContaining(line) })
    expect(passed(passing, 'a flag is changed')).toBe(1)
    const told = runWith({ FEATURE_LOG_LEVEL: 'info' }, 'changes.mjs')
    expect(told).toMatchObject({
      code: 0,
      output: expect.stringContaining(line),
    })
  })

  it('runs the only test of a file in its scope', () => {
    expect(runFiles('only.mjs')).toMatchObject({ code: 0 })
  })
})

/** The names of tests that failed, in the form of each runner. */
function failedIn(output: string): readonly string[] {
  const names = [
    ...output.matchAll(/^\s*(?:not ok \d+ - |✕ )(?:\S+\.mjs > )?(fails .*?)(?: # time=.*| \(\d+ ms\))?$/gm),
  ]
  return names.map(([, name = '']) => name).sort()
}
