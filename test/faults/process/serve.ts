// What `bin/feature-flag serve` does, compiled with the rest (../program.ts), so that a start is as quick as that of an installed package.
import { serve } from '../../../lib/server/serve.js'

const [root] = process.argv.slice(2)
await serve(root === undefined ? {} : { root })
process.exit()
