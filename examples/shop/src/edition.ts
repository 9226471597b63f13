// The Enterprise Edition lies under ee/. Without that folder, and with FOSS_ONLY=1, the shop runs without what is in it.
import { existsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

export type AddRoutes = (app: FastifyInstance) => void

export async function loyaltyRoutes(): Promise<readonly AddRoutes[]> {
  const url = new URL('../ee/src/loyalty.js', import.meta.url)
  if (process.env['FOSS_ONLY'] === '1' || !existsSync(url)) return []
  const { addLoyalty } = (await import(url.href)) as typeof import('../ee/src/loyalty.js')
  return [addLoyalty]
}
