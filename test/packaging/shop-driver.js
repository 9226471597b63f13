// Serves the shop of the working directory, with flags on for customer 7 and for the branch in Paris, and customer 6 in the experiment. Prints its port, and then a line
// for each report of a policy.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const inShop = (/** @type {string} */ path) => import(pathToFileURL(join(process.cwd(), path)).href)
const require = createRequire(join(process.cwd(), 'package.json'))
const { Feature } = await import(pathToFileURL(require.resolve('sluice')).href)
const { Customer, Store } = await inShop('dist/src/actors.js')
const { buildApp } = await inShop('dist/src/app.js')

await Feature.start({ env: 'staging', databaseUrl: 'memory', diskFile: false })
await Feature.enable('one_page_checkout', new Customer(7))
await Feature.enable('express_delivery', new Store('Paris'))
await Feature.enable('gift_wrap', new Customer(6))
const app = await buildApp()
app.addHook('onRequest', async (/** @type {{ url: string }} */ { url }) => {
  if (url === '/csp-reports') process.stdout.write('report\n')
})
const address = await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${address}\n`)
