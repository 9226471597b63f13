// `npm run demo`: installs and builds what is missing or older than its sources, as `npm start` does, then runs demo/main.ts in this
// process. package.json starts it with `exec`, so that a signal to npm's shell reaches it.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './built.js'
import { installPackages } from './install.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

installPackages()
ensureBuilt()

// TypeScript without a build step. Imported late: a fresh clone has no packages before the lines above.
const { createJiti } = await import('jiti')
const jiti = createJiti(import.meta.url, { alias: { sluice: join(root, 'dist', 'index.js') } })
const { main } = await jiti.import(join(root, 'demo', 'main.ts'))
await main(process.argv[2])
