// Builds dist/ from lib/: brings the generated sources up to date, compiles, and writes the declarations for CommonJS.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { entries, writeCommonJsTypes } from './commonjs-types.js'
import { writeCompiledSchemas } from './compile-schemas.js'
import { writeInlinedMigrations } from './inline-migrations.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await writeCompiledSchemas()
writeInlinedMigrations()
rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
for (const entry of entries) writeCommonJsTypes(join(root, 'dist', entry))
