// `open`: prints a link that signs a person in to the page of a running server, once.
import { type Command, InvalidArgumentError } from 'commander'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { TokenScope } from '../../store/token-scope.js'
import { addScope } from '../scope-option.js'
import type { Cli } from '../terminal/io.js'
import { moment, note, print, printJson } from '../terminal/output.js'

interface OpenOptions {
  readonly url?: URL
  readonly scope?: readonly TokenScope[]
  readonly json?: boolean
}

/** `open`: the way into the page without a token. */
export function addOpen(program: Command, cli: Cli): void {
  program
    .command('open')
    .description('print a link that signs you in to the page in the browser, once')
    .option(
      '--url <url>',
      'where the server is (default: publicUrl of the configuration, or the server of this database on this machine)',
      parseUrl,
    )
    .option(
      '--scope <scope>',
      'what you may do there, as for token create; several with commas (default: admin)',
      addScope,
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The link is good once and for ten minutes. Whoever opens it is signed in as you, and is the author of what they change: do not pass it on.

Examples:
  bin/feature-flag open
  bin/feature-flag open --scope read
  bin/feature-flag open --url http://127.0.0.1:8080`,
    )
    .action((options: OpenOptions) => open(cli, options))
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain =
    url !== null && url.username === '' && url.password === '' && url.pathname === '/' && url.search + url.hash === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return url
  throw new InvalidArgumentError('It is http:// or https:// and a host, without a path, such as http://127.0.0.1:4242.')
}

async function open(cli: Cli, { url: given, scope: scopes = ['admin'], json }: OpenOptions): Promise<void> {
  const { io } = cli
  const [{ withInstance }, { commandLineAuthor }, { findServer }, { makeOneTimeLink }] = await Promise.all([
    import('../session.js'),
    import('../../instance/create.js'),
    import('../running-server.js'),
    import('../../server/sign-in/one-time-link.js'),
  ])
  await withInstance(cli, { definitions: false }, async (instance) => {
    refuseMemory(instance)
    const { publicUrl } = instance.config
    const identity = await instance.identity()
    const { origin, note: remark } = await findServer({
      given: given ?? null,
      publicUrl,
      port: io.env['PORT'],
      identity,
    })
    const person = commandLineAuthor()
    const { url, expiresAt } = await makeOneTimeLink(instance.signIns, origin, { person, scopes })
    if (json) printJson(io, { url, person, scopes, expires_at: expiresAt.toISOString() })
    else print(io, url)
    if (remark !== null) note(io, `note: ${remark}`)
    if (!json) note(io, `Good once, until ${moment(expiresAt)}; it signs in ${person} (scope ${scopes.join(', ')}).`)
  })
}

/** What this process wrote into its memory, no server would ever find. */
function refuseMemory({ config: { store } }: Instance): void {
  if (store.kind !== 'memory') return
  throw new FeatureError('no_server', {
    problem: 'the database is the memory of each process, so that no server would know the link',
    remedy: 'serve prints such a link when it starts; or use a database (unset DATABASE_URL for the embedded one)',
  })
}
