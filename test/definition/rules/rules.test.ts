// Longer than files usually are: most of it is one table, a row for each bad input.
import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../../lib/definition/load.js'
import { faultsOf, makeProject, yamlOf } from '../project.js'

const path = 'config/feature_flags/development/a_flag.yml'

describe('a definition that loads', () => {
  it('has every field, and null where the file says nothing', () => {
    const { options } = makeProject({ [path]: 'name: a_flag\ntype: development\ndefault_enabled: true\n' })
    const { definitions, faults, files } = loadDefinitions(options)
    expect(faults).toEqual([])
    expect(files).toEqual([path])
    expect([...definitions.values()]).toEqual([
      {
        name: 'a_flag',
        description: null,
        featureIssueUrl: null,
        introducedByUrl: null,
        rolloutIssueUrl: null,
        milestone: null,
        logStateChanges: null,
        group: null,
        type: 'development',
        defaultEnabled: true,
        intendedToRolloutBy: null,
        actor: null,
        path,
        ee: false,
      },
    ])
  })

  it('has the kinds of actors as a list, each once', () => {
    const kinds = (actor: string) => {
      const { options } = makeProject({ [path]: yamlOf('a_flag', 'development', { actor }) })
      const { definitions, faults } = loadDefinitions(options)
      expect(faults).toEqual([])
      return definitions.get('a_flag')?.actor
    }
    expect(kinds('project')).toEqual(['project'])
    expect(kinds('[project, Ci::Runner, project]')).toEqual(['project', 'Ci::Runner'])
    expect(kinds('~')).toBeNull()
  })

  it('takes nulls, comments, a byte order mark, Windows line ends and unknown fields', () => {
    const lines = [
      '\ufeff---',
      '# why',
      'name: a_flag',
      'milestone:',
      'group: ~',
      'log_state_changes: null',
      'x: [1, {y: 2}]',
    ]
    expect(faultsOf([...lines, 'type: development', 'default_enabled: False', ''].join('\r\n'))).toEqual([])
  })

  it('leaves objects unharmed by fields named after their insides', () => {
    const { options } = makeProject({
      [path]: `${yamlOf('a_flag')}__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}\n`,
    })
    const { definitions, faults } = loadDefinitions(options)
    expect(faults).toEqual([])
    expect(definitions.get('a_flag')).not.toHaveProperty('polluted')
    expect(Object.getPrototypeOf(definitions.get('a_flag'))).toBe(Object.prototype)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

interface Row {
  readonly what: string
  readonly lines: Readonly<Record<string, string | null>>
  readonly field: string
  readonly line: number | null
  readonly value: string | null
  readonly text: string
}

const types = 'development, ops, experiment, worker, wip, beta, gitlab_com_derisk, undefined'
const shape = 'must be lower-case letters and digits joined by single underscores'

const rows: readonly Row[] = [
  {
    what: 'no name',
    lines: { name: null },
    field: 'name',
    line: null,
    value: null,
    text: 'is missing; write name: a_flag',
  },
  {
    what: 'an empty name',
    lines: { name: '""' },
    field: 'name',
    line: 1,
    value: '',
    text: 'is empty, got ""; write name: a_flag',
  },
  {
    what: 'a null name',
    lines: { name: '~' },
    field: 'name',
    line: 1,
    value: '~',
    text: 'is missing, got "~"; write name: a_flag',
  },
  {
    what: 'a number as name',
    lines: { name: '12' },
    field: 'name',
    line: 1,
    value: '12',
    text: 'must be text, got "12"; quote it, or write name: a_flag',
  },
  {
    what: 'a list as name',
    lines: { name: '[a]' },
    field: 'name',
    line: 1,
    value: 'a list',
    text: 'must be text, got "a list"; write name: a_flag',
  },
  {
    what: 'a hyphen in the name',
    lines: { name: 'a-flag' },
    field: 'name',
    line: 1,
    value: 'a-flag',
    text: `${shape}, got "a-flag"; write name: a_flag`,
  },
  {
    what: '__proto__ as name',
    lines: { name: '__proto__' },
    field: 'name',
    line: 1,
    value: '__proto__',
    text: `${shape}, got "__proto__"; write name: a_flag`,
  },
  {
    what: 'constructor as name',
    lines: { name: 'constructor' },
    field: 'name',
    line: 1,
    value: 'constructor',
    text: 'is a reserved word in JavaScript, got "constructor"; write name: a_flag',
  },
  {
    what: 'NUL in the name',
    lines: { name: '"a\\0b"' },
    field: 'name',
    line: 1,
    value: 'a\0b',
    text: `${shape}, got "a\\u{0}b"; write name: a_flag`,
  },
  {
    what: 'a line break in the name',
    lines: { name: '"a\\n{\\"level\\":1}"' },
    field: 'name',
    line: 1,
    value: 'a\n{"level":1}',
    text: `${shape}, got "a\\u{a}{"level":1}"; write name: a_flag`,
  },
  {
    what: 'another name than the file',
    lines: { name: 'b_flag' },
    field: 'name',
    line: 1,
    value: 'b_flag',
    text: 'does not match the file name "a_flag.yml", got "b_flag"; rename the file to b_flag.yml, or write name: a_flag',
  },
  {
    what: 'no type',
    lines: { type: null },
    field: 'type',
    line: null,
    value: null,
    text: 'is missing; write type: development',
  },
  {
    what: 'a number as type',
    lines: { type: '1' },
    field: 'type',
    line: 5,
    value: '1',
    text: 'must be text, got "1"; write type: development',
  },
  {
    what: 'a misspelt type',
    lines: { type: 'opps' },
    field: 'type',
    line: 5,
    value: 'opps',
    text: `is not a known type, got "opps"; did you mean ops? The types are ${types}`,
  },
  {
    what: 'a type unlike any',
    lines: { type: 'permanent' },
    field: 'type',
    line: 5,
    value: 'permanent',
    text: 'is not a known type, got "permanent"; write type: development',
  },
  {
    what: 'another type than the folder',
    lines: { type: 'ops' },
    field: 'type',
    line: 5,
    value: 'ops',
    text: 'does not match the folder "development", got "ops"; move the file to config/feature_flags/ops/a_flag.yml, or write type: development',
  },
  {
    what: 'an unquoted milestone',
    lines: { milestone: '16.10' },
    field: 'milestone',
    line: 3,
    value: '16.10',
    text: 'must be text of at most 64 characters, got "16.10"; quote it: milestone: "16.10"',
  },
  {
    what: 'a list as milestone',
    lines: { milestone: '[1]' },
    field: 'milestone',
    line: 3,
    value: 'a list',
    text: 'must be text of at most 64 characters, got "a list"; write one line of text',
  },
  {
    what: 'a long milestone',
    lines: { milestone: `"${'1'.repeat(65)}"` },
    field: 'milestone',
    line: 3,
    value: '1'.repeat(65),
    text: `must be text of at most 64 characters, got "${'1'.repeat(65)}"; shorten it`,
  },
  {
    what: 'no default',
    lines: { default_enabled: null },
    field: 'default_enabled',
    line: null,
    value: null,
    text: 'is missing; write default_enabled: false',
  },
  {
    what: 'no as default',
    lines: { default_enabled: 'no' },
    field: 'default_enabled',
    line: 6,
    value: 'no',
    text: 'must be true or false, got "no"; write true or false',
  },
  {
    what: 'quoted true as default',
    lines: { default_enabled: '"true"' },
    field: 'default_enabled',
    line: 6,
    value: 'true',
    text: 'must be true or false, got "true"; write true or false',
  },
  {
    what: '1 as default',
    lines: { default_enabled: '1' },
    field: 'default_enabled',
    line: 6,
    value: '1',
    text: 'must be true or false, got "1"; write true or false',
  },
  {
    what: 'null as default',
    lines: { default_enabled: 'null' },
    field: 'default_enabled',
    line: 6,
    value: 'null',
    text: 'must be true or false, got "null"; write true or false',
  },
  {
    what: 'nothing as default',
    lines: { default_enabled: '' },
    field: 'default_enabled',
    line: 6,
    value: '',
    text: 'must be true or false, got ""; write true or false',
  },
  {
    what: 'a script as link',
    lines: { rollout_issue_url: 'javascript:alert(1)' },
    field: 'rollout_issue_url',
    line: 7,
    value: 'javascript:alert(1)',
    text: 'must be an http or https URL, got "javascript:alert(1)"; write the full URL, or leave the field out',
  },
  {
    what: 'a link that leaves an attribute',
    lines: { feature_issue_url: `'https://x.example/">'` },
    field: 'feature_issue_url',
    line: 7,
    value: 'https://x.example/">',
    text: 'must be an http or https URL, got "https://x.example/">"; write the full URL, or leave the field out',
  },
  {
    what: 'a link with a line break',
    lines: { introduced_by_url: '"https://x.example/\\nhttps://y.example/"' },
    field: 'introduced_by_url',
    line: 7,
    value: 'https://x.example/\nhttps://y.example/',
    text: 'must be an http or https URL, got "https://x.example/\\u{a}https://y.example/"; write the full URL, or leave the field out',
  },
  {
    what: 'a text as log_state_changes',
    lines: { log_state_changes: 'yes' },
    field: 'log_state_changes',
    line: 7,
    value: 'yes',
    text: 'must be true or false, got "yes"; write true or false',
  },
  {
    what: 'a number as group',
    lines: { group: '7' },
    field: 'group',
    line: 4,
    value: '7',
    text: 'must be text of at most 255 characters, got "7"; quote it: group: "7"',
  },
  {
    what: 'a mapping as description',
    lines: { description: '{a: b}' },
    field: 'description',
    line: 2,
    value: 'a mapping',
    text: 'must be text of at most 4096 characters, got "a mapping"; write one line of text',
  },
  {
    what: 'an unquoted rollout version',
    lines: { intended_to_rollout_by: '17.10' },
    field: 'intended_to_rollout_by',
    line: 7,
    value: '17.10',
    text: 'must be text of at most 64 characters, got "17.10"; quote it: intended_to_rollout_by: "17.10"',
  },
  {
    what: 'a number as the actor',
    lines: { actor: '42' },
    field: 'actor',
    line: 7,
    value: '42',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "42"; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'an empty list of actors',
    lines: { actor: '[]' },
    field: 'actor',
    line: 7,
    value: 'a list',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "a list"; name at least one kind, or leave the field out',
  },
  {
    what: 'a list with a number as the actor',
    lines: { actor: '[project, 5]' },
    field: 'actor',
    line: 7,
    value: 'a list',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "a list"; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'an empty text as the actor',
    lines: { actor: "''" },
    field: 'actor',
    line: 7,
    value: '',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got ""; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'a mapping as the actor',
    lines: { actor: '{kind: project}' },
    field: 'actor',
    line: 7,
    value: 'a mapping',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "a mapping"; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'an id as the actor',
    lines: { actor: 'Project:42' },
    field: 'actor',
    line: 7,
    value: 'Project:42',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "Project:42"; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'a list in a list as the actor',
    lines: { actor: '[[project]]' },
    field: 'actor',
    line: 7,
    value: 'a list',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "a list"; write actor: project, actor: [project, group], or the name of a class',
  },
  {
    what: 'too many kinds of actors',
    lines: { actor: '[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u]' },
    field: 'actor',
    line: 7,
    value: 'a list',
    text: 'must be a kind of actor, or a list of 1 to 20 kinds, got "a list"; write actor: project, actor: [project, group], or the name of a class',
  },
]

describe('a definition', () => {
  it.each(rows)('has one fault for $what', ({ lines, field, line, value, text }) => {
    const { options } = makeProject({ [path]: yamlOf('a_flag', 'development', lines) })
    const { definitions, faults } = loadDefinitions(options)
    expect(definitions.size).toBe(0)
    expect(faults.map((fault) => fault.message)).toEqual([`${path}: ${field}: ${text}`])
    expect(faults[0]).toMatchObject({ file: path, line, field, value, severity: 'error', code: 'invalid_definition' })
  })

  it.each(['"', "'", '<', '>', '`', '\\', ' ', '\t', '\u0007', '\u2028', '\u202e'])(
    'has one fault for a link that holds %j',
    (character) => {
      const url = JSON.stringify(`https://x.example/${character}y`)
      const faults = faultsOf(yamlOf('a_flag', 'development', { introduced_by_url: url }))
      expect(faults.map((fault) => fault.problem)).toEqual(['must be an http or https URL'])
    },
  )

  it.each(['experiment', 'worker', 'wip', 'gitlab_com_derisk', 'undefined'])(
    'may not default on when its type is %s',
    (type) => {
      const faults = faultsOf(
        yamlOf('a_flag', type, { default_enabled: 'true' }),
        `config/feature_flags/${type}/a_flag.yml`,
      )
      expect(faults.map((fault) => fault.message)).toEqual([
        `config/feature_flags/${type}/a_flag.yml: default_enabled: cannot be true for the type "${type}", got "true"; ` +
          'write default_enabled: false, or use a type that may default on (development, ops, beta)',
      ])
    },
  )

  it.each(['development', 'ops', 'beta'])('may default on when its type is %s', (type) => {
    expect(
      faultsOf(yamlOf('a_flag', type, { default_enabled: 'true' }), `config/feature_flags/${type}/a_flag.yml`),
    ).toEqual([])
  })
})

describe('a definition with several faults', () => {
  it('has each of them told, in the order in which the rules are checked', () => {
    const lines = {
      group: '1',
      default_enabled: 'yes',
      milestone: '1.0',
      type: 'nonsense',
      name: 'A',
      description: null,
    }
    expect(faultsOf(yamlOf('a_flag', '', lines)).map((fault) => fault.field)).toEqual([
      'name',
      'type',
      'milestone',
      'default_enabled',
      'group',
    ])
  })

  it('has a long value cut, which keeps the message on one short line', () => {
    const [fault] = faultsOf(yamlOf('a_flag', 'development', { name: 'x'.repeat(5000) }))
    expect(fault?.message.length).toBeLessThan(300)
    expect(fault?.message).toContain(`got "${'x'.repeat(80)}…"; write name: a_flag`)
  })
})

describe('the place of a file', () => {
  it.each([
    ['directly in the folder of definitions', 'config/feature_flags/a_flag.yml'],
    ['a folder too deep', 'config/feature_flags/development/deeper/a_flag.yml'],
  ])('is a fault when it is %s', (_what, place) => {
    expect(faultsOf(yamlOf('a_flag'), place).map((fault) => fault.message)).toEqual([
      `${place}: is not in a folder named after its type; move it to config/feature_flags/development/a_flag.yml`,
    ])
  })

  it('gives no advice to write a type that does not exist', () => {
    const [fault] = faultsOf(yamlOf('a_flag', 'ops'), 'config/feature_flags/stuff/a_flag.yml')
    expect(fault?.remedy).toBe('move the file to config/feature_flags/ops/a_flag.yml')
  })

  it('gives no advice to take over a file name that no flag can have', () => {
    const [fault] = faultsOf(yamlOf('a_flag'), 'config/feature_flags/development/A-Flag.yml')
    expect(fault?.remedy).toBe('rename the file to a_flag.yml')
  })
})

describe('a value that YAML reads as no text', () => {
  it.each([
    ['007', { name: '007' }, 'name: must be text, got "007"; quote it: name: "007"'],
    ['12', { name: '12' }, 'name: must be text, got "12"; quote it: name: "12"'],
    ['1e3', { name: '1e3' }, 'name: must be text, got "1e3"; quote it: name: "1e3"'],
    ['0x10', { name: '0x10' }, 'name: must be text, got "0x10"; quote it: name: "0x10"'],
    ['true', { name: 'true' }, 'name: must be text, got "true"; quote it: name: "true"'],
    ['null', { name: 'null' }, 'name: is missing, got "null"; quote it: name: "null"'],
    ['007', { name: '7' }, 'name: must be text, got "7"; quote it, or write name: "007"'],
    ['007', { name: null }, 'name: is missing; write name: "007"'],
    ['a_flag', { name: '1.5' }, 'name: must be text, got "1.5"; write name: a_flag'],
    ['a_flag', { name: '~' }, 'name: is missing, got "~"; write name: a_flag'],
    ['a_flag', { group: '5' }, 'group: must be text of at most 255 characters, got "5"; quote it: group: "5"'],
    ['a_flag', { group: 'true' }, 'group: must be text of at most 255 characters, got "true"; quote it: group: "true"'],
    [
      'a_flag',
      { milestone: '16.10' },
      'milestone: must be text of at most 64 characters, got "16.10"; quote it: milestone: "16.10"',
    ],
    [
      'a_flag',
      { description: '7' },
      'description: must be text of at most 4096 characters, got "7"; quote it: description: "7"',
    ],
    ['a_flag', { type: '3' }, 'type: must be text, got "3"; write type: development'],
  ])('is one fault, whose remedy works: %s, %j', (stem, lines, message) => {
    const place = `config/feature_flags/development/${stem}.yml`
    const faults = faultsOf(yamlOf(stem, 'development', lines), place)
    expect(faults.map((fault) => fault.message)).toEqual([`${place}: ${message}`])
    const advice = /(?:quote it:|write) (\w+): (.*)$/.exec(message)
    const mended = faultsOf(
      yamlOf(stem, 'development', { ...lines, [String(advice?.[1])]: String(advice?.[2]) }),
      place,
    )
    expect(mended).toEqual([])
  })

  it.each(['yes', 'no', 'on', '2026-01-01'])('is none where it is text after all: description: %s', (description) => {
    expect(faultsOf(yamlOf('a_flag', 'development', { description }))).toEqual([])
  })
})
