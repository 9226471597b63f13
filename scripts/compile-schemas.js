// Makes the code that checks a definition's shape, from its JSON Schema. Ajv would make it when a process starts, with
// `new Function`: slower, and impossible under `node --disallow-code-generation-from-strings`. The code is committed, so that
// tests, types and a fresh clone need no step of their own; test/definition/rules/compiled-schemas.test.ts holds it equal to this.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'lib', 'definition', 'rules', 'json-schema.ts')
/** Where the code is. */
export const compiledFile = join(root, 'lib', 'definition', 'rules', 'definition-shape.generated.ts')

const header = `// @ts-nocheck
// Made by scripts/compile-schemas.js from json-schema.ts: change that, then run \`npm run schemas\`.
`

const footer = `
/** Whether a value has the shape of a definition; \`errors\` then tells where it has not. */
export const hasDefinitionShape: {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string }[] | null
} = validate
`

/** The code for the schema as it is now. */
export async function compileSchemas() {
  const { createJiti } = await import('jiti')
  const { definitionSchema } = await createJiti(import.meta.url, { fsCache: false }).import(source)
  const { Ajv } = await import('ajv')
  const { default: standalone } = await import('ajv/dist/standalone/index.js')
  const ajv = new Ajv({ allErrors: true, messages: false, logger: false, code: { source: true, lines: true } })
  const code = standalone.default(ajv, ajv.compile(definitionSchema))
  return header + withoutImports(asModule(code)) + footer
}

/** Writes the code where it is another. Gives whether it was. */
export async function writeCompiledSchemas() {
  const code = await compileSchemas()
  // Not touched otherwise: a newer source would make the next start build again.
  if (read() === code) return false
  writeFileSync(compiledFile, code)
  return true
}

function read() {
  try {
    return readFileSync(compiledFile, 'utf8')
  } catch {
    return null // A clone always has it; whoever deletes it gets it anew.
  }
}

function asModule(code) {
  const [, name] = /module\.exports = (\w+);/.exec(code) ?? []
  if (name === undefined) throw new Error(`ajv's code exports nothing:\n${code}`)
  const body = code
    .replace(/^"use strict";\s*/, '')
    .replace(/module\.exports = \w+;\s*/, '')
    .replace(/module\.exports\.default = \w+;\s*/, '')
    // The schema itself, which no check of ours reads.
    .replace(/^const (schema\d+) = .*;\n/gm, (line, schema) => (code.split(schema).length === 2 ? '' : line))
  return `${body.trimEnd()}\n\nconst validate = ${name}\n`
}

/** What ajv's code would import of ajv stands in it instead, so that no process loads ajv for one small function. */
function withoutImports(code) {
  const require = createRequire(import.meta.url)
  const inlined = code.replace(
    /^const (\w+) = require\("(ajv\/dist\/runtime\/\w+)"\)\.default;?$/gm,
    (_, name, path) => {
      return `const ${name} = ${String(require(path).default)}`
    },
  )
  if (/\brequire\(|\bimport\b|\beval\(|\bFunction\(|\bmodule\.exports\b/.test(inlined)) {
    throw new Error(`the compiled schema still needs something at run time:\n${inlined}`)
  }
  return inlined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeCompiledSchemas()
