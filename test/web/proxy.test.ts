// The page behind nginx, by the file that docs/page.md has: TLS, the stream of changes, and the address of each client.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { readBuiltPage } from '../../lib/server/web/built-files.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { findBinary } from '../../scripts/find-binary.js'
import { builtPage } from '../support/built-page.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { fencedBlocks } from '../support/markdown.js'
import { makeFolder } from '../support/project.js'
import { freePort } from '../support/service-process.js'

const nginx = findBinary('nginx')
if (nginx === null && (process.env['CI'] ?? '') !== '')
  throw new Error('there is no nginx: run npm test, which installs it')
const name = 'flags.example.com'
const title = nginx === null ? 'behind nginx (skipped: there is none)' : 'behind nginx'

/** The file of docs/page.md, with ports, paths and certificates of this test. */
function configuration(values: Readonly<Record<string, string>>): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/page.md'), 'utf8')
  const file = fencedBlocks(page).find(({ language }) => language === 'nginx')?.text ?? ''
  return Object.entries(values).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`docs/page.md has no "${from}"`)
    return text.replaceAll(from, to)
  }, file)
}

describe.skipIf(nginx === null)(`the page ${title}`, () => {
  let instance: Instance
  let app: Awaited<ReturnType<typeof buildApp>>
  let certificates: Certificates
  let root: string
  let proxy: ChildProcess
  let port: number
  let token: string

  beforeAll(async () => {
    root = makeFolder({ 'config/feature_flags/ops/calm.yml': '---\nname: calm\ntype: ops\ndefault_enabled: false\n' })
    const server = { trustedProxies: ['127.0.0.1'] }
    const options = { root, env: 'production', databaseUrl: 'memory', diskFile: false, logger: silentLogger } as const
    const author = { author: 'code:test', source: 'http', watch: false } as const
    instance = createInstance({ ...options, publicUrl: `https://${name}`, server }, author)
    await instance.feature.start()
    ;({ token } = await createToken(instance.tokens, { name: 'sam', scopes: ['admin'], expiresAt: null }))
    app = await buildApp({ instance, logger: silentLogger, page: await readBuiltPage(builtPage()) })
    await app.listen({ host: '127.0.0.1', port: 0 })
    certificates = makeCertificates()
    port = await freePort()
    const text = configuration({
      'listen 443': `listen ${port}`,
      '/etc/ssl/flags.example.com.pem': certificates.certificateFile,
      '/etc/ssl/flags.example.com.key': certificates.keyFile,
      '127.0.0.1:4242': `127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    })
    // Where nginx keeps what it needs to run, for a user who may not write to its usual places.
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${root}/${kind};`,
    )
    const own = `access_log off;\n${folders.join('\n')}\n`
    writeFileSync(join(root, 'nginx.conf'), `pid ${root}/pid;\n${text.replace('http {\n', `http {\n${own}`)}`)
    const log = join(root, 'error.log')
    proxy = spawn(nginx ?? '', ['-p', root, '-e', log, '-c', join(root, 'nginx.conf'), '-g', 'daemon off;'])
    const until = Date.now() + 30_000
    for (let answer = await ask('/'); answer.status !== 200; answer = await ask('/')) {
      if (proxy.exitCode !== null || Date.now() > until) {
        throw new Error(`nginx does not answer: ${answer.status} ${answer.text} ${readFileSync(log, 'utf8')}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }, 60_000)
  afterAll(async () => {
    if (proxy?.exitCode === null) {
      const ended = new Promise((resolve) => proxy.once('exit', resolve))
      proxy.kill('SIGTERM')
      await ended
    }
    await app?.close()
    await instance?.feature.stop()
    certificates?.remove()
    rmSync(root, { recursive: true, force: true })
  })

  interface Asked {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: object
    /** An address of this machine that the client has. */
    readonly from?: string
  }

  function open(
    path: string,
    { body, from = '127.0.0.1', headers = {}, method = 'GET' }: Asked = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const json = body === undefined ? {} : { 'content-type': 'application/json' }
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          localAddress: from,
          ca: readFileSync(certificates.authority),
          servername: 'localhost',
          headers: { host: name, origin: `https://${name}`, ...json, ...headers },
        },
        resolve,
      )
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  async function ask(path: string, asked: Asked = {}) {
    try {
      const answer = await open(path, asked)
      const chunks = await answer.toArray()
      return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() }
    } catch (error) {
      // It does not listen yet.
      return { status: 0, headers: {}, text: String(error) }
    }
  }

  it('is sent over TLS with its policy, signs a person in by a cookie of this host alone, and keeps health and metrics inside', async () => {
    const page = await ask('/flags/a%2Fb')
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')])
    expect(page.headers['content-security-policy']).toContain("require-trusted-types-for 'script'")
    const { headers, status } = await ask('/api/web/session', { method: 'POST', body: { token, stay: true } })
    expect(status).toBe(200)
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-sluice=.*Secure/)])
    expect((await ask('/-/metrics')).status).toBe(404)
  })

  it('hears of a change while the stream is open, which nginx does not keep back', async () => {
    const signedIn = await ask('/api/web/session', { method: 'POST', body: { token, stay: true } })
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
    const stream = await open('/api/web/events?topics=flags', { headers: { cookie, accept: 'text/event-stream' } })
    let heard = ''
    stream.on('data', (chunk: Buffer) => {
      heard += String(chunk)
    })
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('event: hello')
    await instance.feature.enable('calm')
    await expect.poll(() => heard, { timeout: 20_000 }).toMatch(/event: flags\n[\s\S]*"calm"/)
    stream.destroy()
  })

  it('counts wrong tokens for the address of each client, whatever address a client says that it has', async () => {
    const wrong = (from: string, said: string) =>
      ask('/api/web/session', {
        method: 'POST',
        from,
        body: { token: 'wrong', stay: true },
        headers: { 'x-forwarded-for': said },
      })
    const statuses: unknown[] = []
    for (let index = 0; index < 12; index += 1) statuses.push((await wrong('127.0.0.2', `10.0.0.${index}`)).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429])
    expect((await wrong('127.0.0.3', '127.0.0.2')).status).toBe(401)
  })
})
