// `npm run test:packaging`: the package as it would be published, installed beside other packages and used with other tools; a table
// with the versions. Takes some minutes and needs a network, or a filled npm cache. Words after `--` choose rows by name.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackages } from './install.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

installPackages()
const matrix = join(root, 'test', 'packaging', 'matrix.ts')
const command = ['--import', 'jiti/register', matrix, ...process.argv.slice(2)]
process.exit(spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1)
