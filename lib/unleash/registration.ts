// What an SDK says of itself, with each poll in headers and with `client/register` in the body. Pure. Whatever cannot be read is
// left out: an SDK that is refused once never reports again.
import type { SeenClient } from '../project-flags/reports/report.js'
import { hideTokens } from '../tokens/tokens.js'
import { isRecord } from '../text/json.js'
import { applicationName, type SdkRequest } from './credentials.js'

const longestName = 255
const longestSdk = 100
const longestSpec = 20
const longestProcess = 512
const longestIntervalMs = 7 * 86_400_000

/**
 * The SDK of a request. `secrets` are the texts of it that may be its instance ID: where an SDK has no other id of its process,
 * that text says nothing about the process.
 *
 * @example
 * sdkIdentity({ headers: { 'unleash-appname': 'production', 'unleash-sdk': 'unleash-node-sdk:6.12.1' }, query: {} }, [])
 * // { app: 'production', sdk: 'unleash-node-sdk:6.12.1', spec: null, intervalMs: null, process: null }
 */
export function sdkIdentity(request: SdkRequest, secrets: readonly string[]): SeenClient {
  const { headers } = request
  const body = isRecord(request.body) ? request.body : {}
  const ids = [headers['unleash-connection-id'], body['connectionId'], body['instanceId']]
  return {
    app: reportedText(applicationName(request), longestName),
    sdk: reportedText(headers['unleash-sdk'] ?? body['sdkVersion'], longestSdk),
    spec: reportedText(headers['unleash-client-spec'] ?? body['specVersion'], longestSpec) || null,
    intervalMs: interval(headers['unleash-interval']) ?? interval(body['interval']),
    process: ids.find((id) => isProcessId(id, secrets)) ?? null,
  }
}

/** One line of text that a table can hold, without secrets; empty for anything else. */
export function reportedText(value: unknown, longest: number): string {
  if (typeof value !== 'string') return ''
  return hideTokens(value.slice(0, longest * 2))
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, longest)
    .replace(/\p{Cs}$/u, '')
}

function isProcessId(id: unknown, secrets: readonly string[]): id is string {
  return typeof id === 'string' && id !== '' && id.length <= longestProcess && !secrets.includes(id)
}

/** Most SDKs tell milliseconds, those for Ruby and Python seconds. A number below 1,000 is taken for seconds. */
function interval(value: unknown): number | null {
  const given = typeof value === 'string' && /^\d{1,12}(?:\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof given !== 'number' || !Number.isFinite(given) || given <= 0) return null
  const ms = Math.round(given < 1_000 ? given * 1_000 : given)
  return ms <= longestIntervalMs ? ms : null
}
