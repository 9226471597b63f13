// Finds the server of this project's database: where the caller says, at `publicUrl`, or on this machine.
import { FeatureError } from '../errors.js'
import { isRecord } from '../text/json.js'
import { quoted } from '../text/printable.js'

export interface WantedServer {
  /** Where the caller says that it is; null if they do not. */
  readonly given: URL | null
  /** `publicUrl` of the configuration. */
  readonly publicUrl: URL | null
  /** The port of the environment. */
  readonly port: string | undefined
  /** The identity of the database. */
  readonly identity: string
}

export interface FoundServer {
  readonly origin: string
  /** What the caller should know of it, if anything. */
  readonly note: string | null
}

type Answer =
  | { readonly kind: 'server'; readonly database: string | null }
  | { readonly kind: 'other' }
  | { readonly kind: 'none' }

const firstPort = 4242
/** `serve` takes the next free port; with more servers than these the caller says which one is meant. */
const triedPorts = 10
const patienceMs = 3_000

/** Throws FeatureError (`no_server`). */
export async function findServer({ given, publicUrl, port, identity }: WantedServer): Promise<FoundServer> {
  const own = identity.slice(0, 8)
  if (given !== null) return checkGiven(given, publicUrl, own)
  if (publicUrl !== null) return checkPublic(publicUrl)
  const ports = [
    ...new Set([...(port ? [Number(port)] : []), ...Array.from({ length: triedPorts }, (_, at) => firstPort + at)]),
  ]
  const origins = ports.map((number) => `http://127.0.0.1:${number}`)
  const answers = await Promise.all(origins.map(ask))
  const at = answers.findIndex((answer) => answer.kind === 'server' && answer.database === own)
  const origin = origins[at]
  if (origin !== undefined) return { origin, note: null }
  const others = origins.filter((_, index) => answers[index]?.kind === 'server')
  const seen =
    others.length === 0 ? '' : ` (${others.join(', ')} ${others.length === 1 ? 'serves' : 'serve'} another one)`
  throw noServer(
    `no server of this database answers on the ports ${firstPort} to ${firstPort + triedPorts - 1} of this machine${seen}, and the configuration has no publicUrl`,
    'start one (serve), or say where it is with --url, or set publicUrl to the address that people open',
  )
}

/** The server may be reached by people and not from here: then the caller is told, and gets the link. */
async function checkPublic({ origin }: URL): Promise<FoundServer> {
  const { kind } = await ask(origin)
  if (kind === 'server') return { origin, note: null }
  const what = kind === 'none' ? 'does not answer from here' : 'does not answer as a server of Sluice does'
  return { origin, note: `${origin}, the publicUrl of the configuration, ${what}` }
}

async function checkGiven({ origin }: URL, publicUrl: URL | null, own: string): Promise<FoundServer> {
  const answer = await ask(origin)
  if (answer.kind === 'none')
    throw noServer(`no server answers at ${quoted(origin)}`, 'start it (serve), or check the address')
  if (answer.kind === 'other')
    throw noServer(`what answers at ${quoted(origin)} is no server of Sluice`, 'check the address')
  if (answer.database !== null && answer.database !== own)
    throw noServer(
      `the server at ${quoted(origin)} has another database`,
      'run this command in the project of that server',
    )
  if (answer.database === null && publicUrl?.origin !== origin)
    throw noServer(
      `people cannot sign in at ${quoted(origin)}: it is neither on this machine nor the publicUrl of the configuration`,
      'set publicUrl to the https:// address that people open',
    )
  return { origin, note: null }
}

async function ask(origin: string): Promise<Answer> {
  let answer: Response
  try {
    answer = await fetch(`${origin}/api/web/boot`, { redirect: 'manual', signal: AbortSignal.timeout(patienceMs) })
  } catch {
    return { kind: 'none' } // Nothing listens there, or it hangs.
  }
  const content: unknown = await answer.json().catch(() => null)
  if (!answer.ok || !isRecord(content) || !Array.isArray(content['resources'])) return { kind: 'other' }
  const { database } = content
  return { kind: 'server', database: typeof database === 'string' ? database : null }
}

function noServer(problem: string, remedy: string): FeatureError {
  return new FeatureError('no_server', { problem, remedy })
}
