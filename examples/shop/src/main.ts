// Starts the flags, then the shop.
import { Feature } from 'sluice'
import { buildApp } from './app.js'

await Feature.start()
const app = await buildApp()
app.addHook('onClose', () => Feature.stop())
await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
process.once('SIGTERM', () => void app.close())
