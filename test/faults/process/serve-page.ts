// `serve` with the page in the browser, which stands beside no compiled server of these tests: it is read from the folder that is given.
import { createInstance } from '../../../lib/instance/create.js'
import { buildApp } from '../../../lib/server/app.js'
import { readBuiltPage } from '../../../lib/server/web/built-files.js'

const [root, folder] = process.argv.slice(2)
if (root === undefined || folder === undefined) throw new Error('usage: serve-page FOLDER PAGE')
const instance = createInstance({ root }, { author: 'code:test', source: 'http', watch: true, listen: true })
await instance.feature.start()
const app = await buildApp({ instance, logger: instance.config.logger, page: await readBuiltPage(folder) })
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
process.stdout.write('listening on the port that it was given\n')
