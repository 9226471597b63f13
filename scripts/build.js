// Builds dist/ from lib/: brings the compiled schemas up to date, compiles, and copies the SQL that is read at run time.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCompiledSchemas } from './compile-schemas.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await writeCompiledSchemas()
rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
cpSync(join(root, 'lib', 'store', 'migrations', 'sql'), join(root, 'dist', 'store', 'migrations', 'sql'), {
  recursive: true,
})
