// What the tests of races share: two servers on one Postgres behind a proxy that leads each request to the next of them, and two people, each
// in a browser of their own.
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { readBuiltPage } from '../../lib/server/web/built-files.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { builtPage } from '../support/built-page.js'
import { startChromium } from '../support/chromium.js'
import { makeFolder } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { type AlternatingProxy, startAlternatingProxy } from './alternating-proxy.js'
import { Person } from './person.js'
import { openServed, signIn } from './served-page.js'

export interface RaceWorld {
  readonly browser: Browser
  readonly database: TestDatabase
  readonly proxy: AlternatingProxy
  /** The first server's: what is written through it comes from no page. */
  readonly instance: Instance
  /** Admins. */
  readonly sam: Person
  readonly ada: Person
  /** Puts back what all tests share: nothing is pending, no answer is held, and each flag has a share of one percent. */
  calm(): Promise<void>
  /** What was made of a flag since the last calm, oldest first: a change that was made twice is there twice. */
  made(flag: string): Promise<readonly Made[]>
  close(): Promise<void>
}

export interface Made {
  readonly id: string
  readonly reason: string | null
  readonly author: string
}

/** The flags of these tests. */
export const raceFlags = ['dark_mode', 'ci_cache', 'fun_fonts'] as const

const definitions = Object.fromEntries(
  raceFlags.map((name) => [
    `config/feature_flags/ops/${name}.yml`,
    `---\nname: ${name}\ntype: ops\ndefault_enabled: false\n`,
  ]),
)

/** All requests come from one address, and many from one person. */
const rateLimits = { requests: 1_000_000, writes: 1_000_000 }

export async function openRaceWorld(): Promise<RaceWorld> {
  const [database, browser] = await Promise.all([createDatabase(), startChromium()])
  const servers = [await startServer(database.url), await startServer(database.url)] as const
  const proxy = await startAlternatingProxy(servers.map(({ port }) => port))
  const [{ instance }] = servers
  const person = async (name: string) => {
    const { token } = await createToken(instance.tokens, { name, scopes: ['admin'], expiresAt: null })
    const { page, complaints } = await openServed(browser, { reducedMotion: 'reduce' })
    await signIn(page, { url: proxy.url, token })
    return new Person({ name, page, complaints, url: proxy.url, token })
  }
  const [sam, ada] = [await person('sam'), await person('ada')]
  let since = '0'
  return {
    browser,
    database,
    proxy,
    instance,
    sam,
    ada,
    async made(flag) {
      const rows = await database.query(
        `select change_id, reason, author from feature_history where feature_key = $1 and change_id is not null and version > $2
         group by version, change_id, reason, author order by version`,
        [flag, since],
      )
      return rows.map(({ change_id, reason, author }) => ({
        id: String(change_id),
        reason: reason === null ? null : String(reason),
        author: String(author),
      }))
    },
    async calm() {
      proxy.fate = () => 'pass'
      proxy.release()
      await sam.page.context().setOffline(false)
      for (const name of raceFlags) {
        await instance.feature.remove(name)
        await instance.feature.enablePercentageOfActors(name, 1)
      }
      for (const one of [sam, ada]) await one.clear()
      const [newest] = await database.query('select max(version)::text as version from feature_history')
      since = String(newest?.['version'])
    },
    async close() {
      await browser.close()
      await proxy.close()
      for (const server of servers) await server.close()
      await database.close()
    },
  }
}

async function startServer(databaseUrl: string) {
  const root = makeFolder(definitions)
  const instance = createInstance(
    { root, env: 'production', databaseUrl, diskFile: false, logger: silentLogger, groups: { staff: () => true } },
    { author: 'code:test', source: 'http', watch: false, listen: true },
  )
  await instance.feature.start()
  const page = await readBuiltPage(builtPage())
  const app = await buildApp({ instance, logger: silentLogger, page, rateLimits })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    instance,
    port: (app.server.address() as AddressInfo).port,
    async close() {
      await app.close()
      await instance.feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
