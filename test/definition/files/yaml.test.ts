// The YAML of a definition file, and what is refused in it.
import { describe, expect, it } from 'vitest'
import { readPlainFields } from '../../../lib/definition/files/plain-yaml.js'
import { readYaml } from '../../../lib/definition/files/yaml.js'
import { loadDefinitions } from '../../../lib/definition/load.js'
import { seededRandom } from '../../support/random.js'
import { faultsOf, makeProject, yamlOf } from '../project.js'

const path = 'config/feature_flags/development/a_flag.yml'
const good = yamlOf('a_flag')

/** Nine levels of nine aliases each: 387 million nodes for whoever expands them. */
function billionLaughs(): string {
  const levels = [...'bcdefghi'].map(
    (level, index) => `${level}: &${level} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
  )
  return ['a: &a [lol]', ...levels].join('\n')
}

interface Row {
  readonly what: string
  readonly content: string
  readonly line: number | null
  readonly text: string
}

const aliasRemedy = 'write the value out'
const tagRemedy = 'write plain text, true or false'
const fieldsRemedy = 'write fields such as "name: my_flag"'

const rows: readonly Row[] = [
  { what: 'nothing', content: '', line: null, text: `is empty; ${fieldsRemedy}` },
  { what: 'only a comment', content: '# soon\n', line: null, text: `is empty; ${fieldsRemedy}` },
  { what: 'only a document start', content: '---\n', line: null, text: `is empty; ${fieldsRemedy}` },
  {
    what: 'a single value',
    content: '---\na_flag\n',
    line: 2,
    text: `holds a single value instead of fields, got "a_flag"; ${fieldsRemedy}`,
  },
  { what: 'a list', content: '- name: a_flag\n', line: 1, text: `holds a list instead of fields; ${fieldsRemedy}` },
  {
    what: 'two documents',
    content: `---\n${good}---\n${good}`,
    line: 9,
    text: 'holds more than one document; keep one, and one "---" at the top at most',
  },
  {
    what: 'a key twice',
    content: `${good}milestone: "0.2"\n`,
    line: 7,
    text: 'milestone: is given twice, got "0.2"; remove it here or on line 3',
  },
  {
    what: 'a key twice in two spellings',
    content: `${good}"name": b_flag\n`,
    line: 7,
    text: 'name: is given twice, got "b_flag"; remove it here or on line 1',
  },
  {
    what: 'a tab as indentation',
    content: 'name:\n\ta_flag\n',
    line: 2,
    text: 'is not valid YAML (tab characters must not be used in indentation); indent with spaces',
  },
  {
    what: 'a JavaScript function',
    content: `${good}x: !!js/function "function () {}"\n`,
    line: 7,
    text: `uses a tag, got "!!js/function"; ${tagRemedy}`,
  },
  {
    what: 'a Python object',
    content: `${good}x: !!python/object:os.system {}\n`,
    line: 7,
    text: `uses a tag, got "!!python/object:os.system"; ${tagRemedy}`,
  },
  {
    what: 'a tag of its own',
    content: '!<tag:example.com,2000:x>\nname: a_flag\n',
    line: 1,
    text: `uses a tag, got "!<tag:example.com,2000:x>"; ${tagRemedy}`,
  },
  {
    what: 'a billion laughs',
    content: billionLaughs(),
    line: 1,
    text: `uses an anchor or alias, got "&a"; ${aliasRemedy}`,
  },
  {
    what: 'an alias in a circle',
    content: 'a: &a [*a]\n',
    line: 1,
    text: `uses an anchor or alias, got "&a"; ${aliasRemedy}`,
  },
  {
    what: 'a chain of merges',
    content: `a: &a {k: 1}\n${'b: &b {<<: *a}\n'.repeat(80)}`,
    line: 1,
    text: `uses an anchor or alias, got "&a"; ${aliasRemedy}`,
  },
  {
    what: 'an alias of nothing',
    content: `${good}x: *y\n`,
    line: 7,
    text: `uses an anchor or alias, got "*y"; ${aliasRemedy}`,
  },
  {
    what: 'a key that is a list',
    content: `${good}? [a, b]\n: c\n`,
    line: 7,
    text: `has a key that is not text; ${fieldsRemedy}`,
  },
  {
    what: 'very deep nesting',
    content: `a: ${'['.repeat(20_000)}`,
    line: 1,
    text: 'is not valid YAML (nesting exceeded maxDepth (20)); correct the line, and quote text that holds : # or quotes',
  },
  {
    what: 'very many values',
    content: `${good}x: [${'1, '.repeat(2_000)}1]\n`,
    line: null,
    text: 'holds more than 1000 values; keep only the fields of a definition',
  },
  {
    what: 'a colon in plain text',
    content: 'name: a_flag\ndescription: this: that\n',
    line: 2,
    text: 'is not valid YAML (bad indentation of a mapping entry); correct the line, and quote text that holds : # or quotes',
  },
  {
    what: 'a NUL',
    content: 'name: a\0b\n',
    line: 1,
    text: 'is not valid YAML (null byte is not allowed in input); correct the line, and quote text that holds : # or quotes',
  },
]

describe('a file whose YAML is refused', () => {
  it.each(rows)('is one fault for $what', ({ content, line, text }) => {
    const faults = faultsOf(content)
    expect(faults.map((fault) => fault.message)).toEqual([`${path}: ${text}`])
    expect(faults[0]).toMatchObject({ rule: 'yaml', severity: 'error', flag: 'a_flag', line })
  })

  it('does not stop the files beside it', () => {
    const { options, write } = makeProject({ [path]: good })
    for (const [index, { content }] of rows.entries()) write(`config/feature_flags/ops/bad_${index}.yml`, content)
    const { definitions, faults } = loadDefinitions(options)
    expect([...definitions.keys()]).toEqual(['a_flag'])
    expect(faults).toHaveLength(rows.length)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('readYaml', () => {
  it('gives each field its value, its spelling and its line', () => {
    const read = readYaml('---\n# why\nname: a_flag\nmilestone: 16.10\nx:\n  - y: 1\nlast: "q"\n')
    expect(read.ok && [...read.fields]).toEqual([
      ['name', { value: 'a_flag', text: 'a_flag', line: 3 }],
      ['milestone', { value: 16.1, text: '16.10', line: 4 }],
      ['x', { value: [new Map([['y', 1]])], text: 'a list', line: 5 }],
      ['last', { value: 'q', text: 'q', line: 7 }],
    ])
  })

  it('reads what YAML 1.2 calls a truth value, and no more', () => {
    const read = readYaml('a: true\nb: False\nc: yes\nd: off\ne: 2024-01-01\n')
    expect(read.ok && [...read.fields.values()].map((field) => field.value)).toEqual([
      true,
      false,
      'yes',
      'off',
      '2024-01-01',
    ])
  })

  it('reads plain fields as the parser reads them', () => {
    const random = seededRandom()
    const pieces = [
      'a',
      'Yes',
      'true',
      'null',
      '~',
      '1',
      '0x1',
      '.inf',
      '-',
      ' ',
      ':',
      '::',
      ' #',
      '#',
      "'",
      '"',
      '\\',
      ',',
      '[',
      '}',
      '?',
      '(',
      '/',
      '&',
      '*',
      '|',
      '%',
      '@',
    ]
    const keys = ['name', 'group', 'a_1', 'true', 'name ', '"q"', '- a', ' indented', '']
    const read = { plain: 0, other: 0 }
    for (let round = 0; round < 4_000; round++) {
      const some = (most: number) => Array.from({ length: random.below(most + 1) }, () => random.pick(pieces)).join('')
      const value = () => random.pick([some(4), `a${some(3)}`, `a${some(3)}`, `'${some(2)}'`, `"${some(2)}"`])
      const lines = Array.from(
        { length: 1 + random.below(3) },
        (_, index) => `${index > 0 ? random.pick(keys) : ''}k${index}:${random.pick(['', ' ', ' ', ' '])}${value()}`,
      )
      const text = [random.pick(['---', '# why', '']), ...lines, random.pick(['', '# end', '---'])].join(
        random.pick(['\n', '\n', '\n\n']),
      )
      const plain = readPlainFields(text)
      read[plain === null ? 'other' : 'plain'] += 1
      // A comment in another script is left to the parser.
      if (plain !== null) expect({ text, read: readYaml(text) }).toEqual({ text, read: readYaml(`${text}\n# ä`) })
    }
    expect(Math.min(read.plain, read.other)).toBeGreaterThan(300)
  })

  it('never throws, whatever prefix or change of a good file it is given', () => {
    for (let cut = 0; cut <= good.length; cut += 1) {
      expect(readYaml(good.slice(0, cut))).toHaveProperty('ok')
      for (const odd of ['\0', '\t', '"', '*', '&', '!', '{', '\ud800', '\n---\n', ': ']) {
        expect(readYaml(good.slice(0, cut) + odd + good.slice(cut))).toHaveProperty('ok')
      }
    }
  })
})
