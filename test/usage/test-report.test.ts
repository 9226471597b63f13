// What a report of tests says against them, and which files are no such report.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { readTestReport } from '../../lib/usage/test-report/read-report.js'
import { makeFolder } from '../support/project.js'
import { definition, run } from '../cli/run.js'

const flag = (name: string) => ({ [`config/feature_flags/development/${name}.yml`]: definition(name, 'development') })
const line = (test: string, read: object, unread: readonly string[] = []) =>
  `${JSON.stringify({ test, file: 'test/page.test.ts', read, unread })}\n`

describe('usage --tests', () => {
  const root = makeFolder({
    ...flag('seen_both'),
    ...flag('seen_on'),
    ...flag('seen_off'),
    ...flag('never_seen'),
    'src/page.ts': `import { Feature } from 'sluice'\nexport const f = () => [${['seen_both', 'seen_on', 'seen_off', 'never_seen'].map((name) => `Feature.enabled('${name}')`).join(', ')}]\n`,
    'flags.ndjson':
      line('one', { seen_both: ['on', 'off'], seen_on: ['on'] }) +
      line('two', { seen_on: ['on'], seen_off: ['off'] }, ['seen_both', 'never_seen']) +
      line('three', {}, ['never_seen']),
    'torn.ndjson': `${line('one', {})}{"test":"tw`,
    'empty.ndjson': '',
  })

  afterAll(() => rmSync(root, { recursive: true }))

  it('names flags of which no test saw a state, and stubs that no check asked for', async () => {
    const { code, stdout } = await run(['usage', '--tests', `${root}/flags.ndjson`, '--json'], { root })
    const { faults }: { faults: { rule: string; file: string; severity: string; message: string }[] } =
      JSON.parse(stdout)
    const told = faults.filter(({ rule }) => rule === 'untested-state' || rule === 'unread-stub')
    expect(told.map(({ rule, severity, message }) => `${rule} ${severity} ${message}`)).toEqual([
      'untested-state warning config/feature_flags/development/never_seen.yml: no test asked for the flag "never_seen"; ' +
        "test the code that asks for it with bothStates('never_seen', …)",
      'untested-state warning config/feature_flags/development/seen_off.yml: no test saw the flag "seen_off" on (off in 1 of 3); ' +
        'add a test with stubFeatureFlags({ seen_off: true })',
      'untested-state warning config/feature_flags/development/seen_on.yml: no test saw the flag "seen_on" off (on in 2 of 3); ' +
        'add a test with stubFeatureFlags({ seen_on: false })',
      'unread-stub warning test/page.test.ts: the test "two" (and 1 more of this file) stubs the flag "never_seen", and no check in this file asked for it; ' +
        'take the stub out, or look why the code under test does not ask',
    ])
    expect(code).toBe(0)
  })

  it('says of an empty report that no test asked for any flag', async () => {
    const { stdout } = await run(['usage', '--tests', `${root}/empty.ndjson`], { root })
    expect(stdout.match(/no test asked for the flag/g)).toHaveLength(4)
  })

  it.each([
    [['usage', '--tests', `${root}/torn.ndjson`], 1, 'line 2 of'],
    [['usage', '--tests', `${root}/no.ndjson`], 2, 'does not exist; run the tests with FEATURE_TEST_REPORT='],
    [
      ['usage', 'seen_on', '--tests', `${root}/flags.ndjson`],
      2,
      '--tests reports all flags, and "usage seen_on" shows places',
    ],
  ])('refuses %j', async (argv, code, message) => {
    expect(await run(argv, { root })).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })
})

it.each([
  ['no JSON', 'nonsense'],
  ['a list', '[]'],
  ['another state', '{"test":"a","file":null,"read":{"x":["maybe"]},"unread":[]}'],
  ['a state that is no list', '{"test":"a","file":null,"read":{"x":"on"},"unread":[]}'],
  ['no list of stubs', '{"test":"a","file":null,"read":{}}'],
  ['a file that is a number', '{"test":"a","file":5,"read":{},"unread":[]}'],
])('a line with %s is no report', (_name, text) => {
  const message =
    'line 1 of flags.ndjson is not of a report of tests; delete the file, and run the tests again with FEATURE_TEST_REPORT=flags.ndjson'
  expect(() => readTestReport('flags.ndjson', text)).toThrow(message)
})
