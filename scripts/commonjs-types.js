// Writes the declarations for CommonJS beside those of an entry: index.d.cts beside index.d.ts. `require` of an ES module works in every
// Node.js that this package runs on, but TypeScript refuses it (TS1479) in a CommonJS file with module node16, and before 5.8 with
// nodenext too, if the declarations are those of an ES module. The ones written here name the same types, so that a value from one kind of file
// fits the other.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const madeHere = '// Made by scripts/commonjs-types.js when the package is built.'
const mode = "{ 'resolution-mode': 'import' }"

/** The declarations of each entry of package.json, below dist/. */
export const entries = [
  'index.d.ts',
  'testing/index.d.ts',
  'testing/vitest.d.ts',
  'testing/jest.d.ts',
  'testing/node.d.ts',
  'frontend/frontend.d.ts',
  'frontend/browser.d.ts',
]

/** Throws where the entry exports something in a way that is not known here. */
export function writeCommonJsTypes(entry) {
  writeFileSync(entry.replace(/\.d\.ts$/, '.d.cts'), commonJsTypes(entry))
}

function commonJsTypes(entry) {
  const { types, values } = exportsOf(entry)
  // A setup file: what it does is all.
  if (types.length + values.length === 0) return `${madeHere}\nexport {}\n`
  const module = `./${entry.slice(dirname(entry).length + 1).replace('.d.ts', '.js')}`
  const lines = [madeHere, `type Module = typeof import('${module}', { with: ${mode} })`]
  if (types.length > 0) lines.push(`export type { ${types.join(', ')} } from '${module}' with ${mode}`)
  for (const { name, isClass } of values) {
    lines.push(`export declare const ${name}: Module['${name}']`)
    if (isClass) lines.push(`export type ${name} = import('${module}', { with: ${mode} }).${name}`)
  }
  return `${lines.join('\n')}\n`
}

function exportsOf(entry) {
  const text = readFileSync(entry, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = { types: [], values: [] }
  const statements = text.split(/;\s*(?:\n|$)/).map((statement) => statement.trim())
  for (const statement of statements.filter((statement) => statement.startsWith('export'))) {
    const [, onlyTypes, list, from] = /^export (type )?\{([^}]*)\} from '([^']+)'$/.exec(statement) ?? []
    const [, declared] = /^export declare (?:function|const) (\w+)/.exec(statement) ?? []
    if (declared !== undefined) add(found.values, { name: declared, isClass: false })
    else if (statement === 'export {}') continue
    else if (list === undefined) throw new Error(`${entry} exports in an unknown way: ${statement}`)
    else {
      const target = readFileSync(join(dirname(entry), from.replace(/\.js$/, '.d.ts')), 'utf8')
      for (const item of list.split(',').map((name) => name.trim())) {
        if (item === '') continue
        if (onlyTypes !== undefined || item.startsWith('type ')) found.types.push(item.replace(/^type /, ''))
        else add(found.values, { name: item, isClass: target.includes(`export declare class ${item} `) })
      }
    }
  }
  return found
}

/** A function has a declaration for each of its overloads. */
function add(values, value) {
  if (!values.some(({ name }) => name === value.name)) values.push(value)
}
