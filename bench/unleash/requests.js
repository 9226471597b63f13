// Requests as Unleash's SDK for Node sends them, as text that is made once.
import { randomUUID } from 'node:crypto'

/**
 * What an SDK says of itself with each request.
 * @param {{ credentials: Readonly<Record<string, string>>, environment?: string, connectionId?: string }} given
 */
export function sdkHeaders({ credentials, environment = 'production', connectionId = randomUUID() }) {
  return {
    accept: '*/*',
    'unleash-appname': environment,
    'user-agent': environment,
    'unleash-sdk': 'unleash-node-sdk:6.12.1',
    'unleash-client-spec': '5.2.0',
    'unleash-interval': '15000',
    'unleash-connection-id': connectionId,
    ...credentials,
  }
}

/**
 * The head of a request, and its body.
 * @param {{ method?: string, path: string, headers: Readonly<Record<string, string>>, body?: string }} given
 */
export function requestText({ method = 'GET', path, headers, body = '' }) {
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', ...lines, ...length, '', body].join('\r\n')
}

/**
 * What an SDK reports each minute: ten flags that it was asked for.
 * @param {readonly string[]} names
 */
export function reportBody(names) {
  const now = Date.now()
  const toggles = Object.fromEntries(
    names.slice(0, 10).map((name, index) => [name, { yes: 40 + index, no: 60, variants: {} }]),
  )
  return JSON.stringify({
    appName: 'production',
    instanceId: 'bench',
    connectionId: randomUUID(),
    bucket: { start: new Date(now - 60_000), stop: new Date(now), toggles },
    platformName: 'node',
    platformVersion: process.version,
    yggdrasilVersion: null,
    specVersion: '5.2.0',
    sdkFlavor: null,
    sdkFlavorVersion: null,
  })
}
