// What `bin/feature-flag serve` does, from source: serve.test.ts runs it as a process of its own.
import { serve } from '../../lib/server/serve.js'

const [root] = process.argv.slice(2)
await serve(root === undefined ? {} : { root })
process.exit()
