// The generated check of a definition's shape.
import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasDefinitionShape } from '../../../lib/definition/rules/definition-shape.generated.js'
import { definitionSchema } from '../../../lib/definition/rules/schema.js'
import { compiledFile, compileSchemas } from '../../../scripts/compile-schemas.js'

const lib = join(import.meta.dirname, '../../../lib')

/** What every field is given: of each type, at each limit, with characters of two code units, with none. */
const values: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, 16.1, Number.NaN, '', 'text', [], ['a'], {}, new Map([['a', 1]])],
  ...[64, 65, 251, 252, 255, 256, 2048, 2049, 4096, 4097].flatMap((length) => [
    'x'.repeat(length),
    '😀'.repeat(length),
    `https://${'x'.repeat(length - 8)}`,
  ]),
  ...['https://a', 'http://a b', 'https://a"', "https://a'", 'https://a\\', 'ftp://a', 'https://', 'https://a\u200b'],
  ...['https://a\n', 'javascript:alert(1)', '\ud800', '\udc00\ud800', 'https://\ud800'],
]

describe('the compiled check of a definition', () => {
  it('is what the generator makes of the schema (otherwise run npm run schemas)', async () => {
    expect(readFileSync(compiledFile, 'utf8')).toBe(await compileSchemas())
  })

  it('finds what ajv finds, at the same places', () => {
    const validate = new Ajv({ allErrors: true, validateSchema: false, logger: false }).compile(definitionSchema)
    const paths = (errors: readonly { readonly instancePath: string }[] | null | undefined) =>
      (errors ?? []).map((error) => error.instancePath)
    const good = { name: 'a', type: 'ops', default_enabled: false }
    let refused = 0
    for (const field of Object.keys(definitionSchema.properties)) {
      for (const value of values) {
        const data = { ...good, [field]: value }
        expect([hasDefinitionShape(data), paths(hasDefinitionShape.errors)]).toEqual([
          validate(data),
          paths(validate.errors),
        ])
        if (validate.errors) refused += 1
      }
    }
    expect(refused).toBeGreaterThan(100)
    for (const data of [null, [], 'text', 1, {}, undefined]) expect(hasDefinitionShape(data)).toBe(validate(data))
  })
})

describe('the sources', () => {
  it('make no code from strings, but to ask whether the server could', () => {
    const makers = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
      (path) =>
        path.endsWith('.ts') && /\bFunction\(|(?<!\.)\beval\(|from 'ajv/.test(readFileSync(join(lib, path), 'utf8')),
    )
    expect(makers).toEqual([join('server', 'code-generation.ts')])
  })
})
