// Makes a source of the SQL files of the migrations, so that a bundle of an application holds them: files beside the code are not
// found there. The source is committed; test/store/migrations/files.test.ts holds it equal to the files.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib', 'store', 'migrations')
/** Where the source is. */
export const inlinedFile = join(folder, 'sql.generated.ts')

const header = `// Made by scripts/inline-migrations.js from sql/: change or add a file there, then run \`npm run schemas\`.
`

/** The source for the files as they are now. */
export function inlineMigrations() {
  const names = readdirSync(join(folder, 'sql')).filter((file) => file.endsWith('.sql'))
  const entries = names.sort().map((file) => {
    // A checkout on Windows may have changed the line ends, and functions would keep them.
    const sql = readFileSync(join(folder, 'sql', file), 'utf8').replaceAll('\r', '')
    return `  {\n    name: ${JSON.stringify(file.slice(0, -'.sql'.length))},\n    sql: ${asTemplate(sql)},\n  },\n`
  })
  return `${header}\nexport const inlinedMigrations: readonly { readonly name: string; readonly sql: string }[] = [\n${entries.join('')}]\n`
}

/** Writes the source where it is another. */
export function writeInlinedMigrations() {
  const source = inlineMigrations()
  // Not touched otherwise: a newer source would make the next start build again.
  if (readFileSync(inlinedFile, { encoding: 'utf8', flag: 'a+' }) !== source) writeFileSync(inlinedFile, source)
}

/** On several lines, so that a person can read it in a bundle and in the package. */
function asTemplate(text) {
  return `\`${text.replace(/[\\`]|\$(?=\{)/g, '\\$&')}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeInlinedMigrations()
