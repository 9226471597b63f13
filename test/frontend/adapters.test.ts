// The adapters with the real Fastify, Express and Hono: each request has a page of its own, which knows when its answer is sent.
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createFrontend,
  expressFrontend,
  fastifyFrontend,
  type Frontend,
  honoFrontend,
} from '../../lib/frontend/frontend.js'
import { createFeature, type FeatureFlags, FeatureGate } from '../../lib/index.js'
import { silentLogger } from '../../lib/log.js'
import { featuresInPage } from '../../lib/text/gon-script.js'
import { createProject, type TestProject } from '../support/project.js'

class User extends FeatureGate('User') {}

let project: TestProject
let feature: FeatureFlags
let frontend: Frontend

beforeAll(async () => {
  project = await createProject('dark_mode', 'new_layout')
  // Strict, and what is thrown is not thrown a second time as in tests.
  feature = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger: silentLogger })
  await feature.start()
  await feature.enable('dark_mode', new User(7))
  frontend = createFrontend(feature)
})
afterAll(async () => {
  await feature.stop()
  await project.close()
})

/** What an application does in a first handler, in the one that answers, and once the answer is on its way. */
const first = (user: string | null | undefined) =>
  frontend.pushFrontendFeatureFlag('dark_mode', user ? new User(user) : null)
const page = () => {
  frontend.pushForceFrontendFeatureFlag('new_layout', true)
  return `<head>${frontend.gonScript()}</head>`
}
const late = () => {
  try {
    frontend.pushFrontendFeatureFlag('dark_mode')
    return 'pushed'
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}
const tooLate =
  'the flag "dark_mode" was pushed after the headers of the answer were sent; push it before the page is rendered'

interface Answered {
  readonly html: string
  /** What a push was told that came after the answer. */
  readonly late: string
}
/** Asks an application that is made anew, as a user, with a body where one is given. */
type Ask = (user: string, body?: object) => Promise<Answered>

const frameworks: readonly (readonly [string, Ask])[] = [
  [
    'Fastify',
    async (user, body) => {
      const app = fastify()
      let told = ''
      app.addHook('onResponse', async () => {
        told = late()
      })
      await app.register(fastifyFrontend, { feature })
      app.addHook('preHandler', async (request) => first(String(request.headers['x-user-id'])))
      app.all('/', async (_request, reply) => reply.type('text/html').send(page()))
      const headers = { 'x-user-id': user }
      const answer = await app.inject(
        body === undefined ? { url: '/', headers } : { url: '/', method: 'POST', headers, body },
      )
      await app.close()
      return { html: answer.body, late: told }
    },
  ],
  [
    'Express',
    async (user, body) => {
      const app = express()
      let told = ''
      app.use(express.json())
      app.use(expressFrontend({ feature }))
      app.use((request, _response, next) => {
        first(request.get('x-user-id'))
        next()
      })
      app.all('/', async (_request, response) => {
        response.send(page())
        told = late()
      })
      const server = app.listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        headers: { 'x-user-id': user, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      const html = await answer.text()
      await new Promise((resolve) => server.close(resolve))
      return { html, late: told }
    },
  ],
  [
    'Hono',
    async (user, body) => {
      const app = new Hono()
      let told = ''
      app.use(honoFrontend({ feature }))
      app.use(async (context, next) => {
        first(context.req.header('x-user-id'))
        await next()
        told = late()
      })
      app.all('/', async (context) => context.html(page()))
      const answer = await app.request('/', {
        headers: { 'x-user-id': user },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      return { html: await answer.text(), late: told }
    },
  ],
]

describe.each(frameworks)('%s', (_name, ask) => {
  it('a page has what all handlers of its request pushed, and nothing of another one', async () => {
    const answers = await Promise.all([ask('7'), ask('8'), ask('7', { a: 'body' })])
    expect(answers.map(({ html }) => featuresInPage(html))).toEqual([
      { darkMode: true, newLayout: true },
      { darkMode: false, newLayout: true },
      { darkMode: true, newLayout: true },
    ])
  })

  it('a push after the headers are sent is refused', async () => {
    expect((await ask('7')).late).toBe(tooLate)
  })
})

it('the adapter of Fastify holds for routes outside of its plugin, for those inside of others and for pages that were not found', async () => {
  const app = fastify()
  await app.register(fastifyFrontend, { feature })
  await app.register(async (inner) => {
    inner.get('/inner', async () => page())
  })
  app.setNotFoundHandler(async () => page())
  const found = await Promise.all(
    ['/inner', '/nowhere'].map(async (url) => featuresInPage((await app.inject(url)).body)),
  )
  await app.close()
  expect(found).toEqual([{ newLayout: true }, { newLayout: true }])
})

it('an adapter inside a request of the application uses that request', async () => {
  const app = new Hono()
  app.use((_context, next) => feature.withRequest(next))
  app.use((_context, next) => {
    frontend.pushFrontendFeatureFlag('dark_mode', new User(7))
    return next()
  })
  app.use(honoFrontend({ feature }))
  app.get('/', (context) => context.html(page()))
  expect(featuresInPage(await (await app.request('/')).text())).toEqual({ darkMode: true, newLayout: true })
})

it('an adapter that is given something other than flags is refused when it is made', () => {
  const wrong = { feature: {} as FeatureFlags }
  for (const make of [expressFrontend, honoFrontend]) expect(() => make(wrong)).toThrow('not an instance of them')
  expect(() => fastifyFrontend({ addHook: () => null }, wrong, () => {})).toThrow('not an instance of them')
})
