// `token create|list|revoke`: the tokens of the HTTP API. Making and checking a token is in tokens/.
import { type Command, InvalidArgumentError } from 'commander'
import { quoted } from '../../text/printable.js'
import type { TokenRecord } from '../../store/store.js'
import type { TokenScope } from '../../store/token-scope.js'
import { addScope } from '../scope-option.js'
import type { Cli } from '../terminal/io.js'
import { moment, note, print, printJson, printTable } from '../terminal/output.js'
import { programName } from '../../text/program-name.js'

interface CreateOptions {
  readonly name: string
  readonly scope?: readonly TokenScope[]
  readonly expires?: Date
  readonly person?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

interface RevokeOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `token create|list|revoke`: the right to use the HTTP API. */
export function addToken(program: Command, cli: Cli): void {
  const token = program.command('token').description('make, list and revoke tokens of the HTTP API')
  token
    .command('create')
    .description('make a token; it is shown once')
    .requiredOption('--name <name>', 'who or what will hold it; the author of its changes')
    .option(
      '--scope <scope>',
      'what it may do: admin, read, write, approve, act_as, projects, project:ID:read|write|maintain; several with commas (default: admin)',
      addScope,
    )
    .option('--person <person>', 'who holds it, such as ann: one person may hold several tokens')
    .option('--expires <when>', 'for how long it is good: 12h, 90d, 8w, or a date such as 2030-01-31', parseExpiry)
    .option('--dry-run', 'show what would be made; make nothing')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag token create --name deploys --scope write --expires 90d
  bin/feature-flag token create --name ann-laptop --person ann --scope write,approve
  bin/feature-flag token create --name shop-team --scope project:1:write`,
    )
    .action((options: CreateOptions) => createOne(cli, options))
  token
    .command('list')
    .description('show all tokens, without their secrets')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag token list')
    .action((options: { json?: boolean }) => listAll(cli, options.json === true))
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<id-or-name>', 'the id or the name of the token')
    .option('--dry-run', 'show which tokens would end; end none')
    .option('--json', 'show the result as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag token revoke deploys')
    .action((idOrName: string, options: RevokeOptions) => revokeOne(cli, idOrName, options))
}

const hours: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 }

function parseExpiry(text: string): Date {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  const date =
    count !== undefined && unit !== undefined
      ? new Date(Date.now() + Number(count) * (hours[unit] ?? 0) * 3_600_000)
      : new Date(/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? text : Number.NaN)
  if (date.getTime() > Date.now()) return date
  throw new InvalidArgumentError('It is a time to come: 12h, 90d, 8w, or a date such as 2030-01-31.')
}

async function createOne(cli: Cli, options: CreateOptions): Promise<void> {
  const { name, scope: scopes = ['admin'], expires, person = null, dryRun = false, json } = options
  const { io } = cli
  const [{ withInstance }, { checkNewToken, createToken }] = await Promise.all([
    import('../session.js'),
    import('../../tokens/tokens.js'),
  ])
  await withInstance(cli, {}, async ({ tokens }) => {
    const expiresAt = expires ?? null
    const until = expiresAt === null ? null : expiresAt.toISOString()
    const life = expiresAt === null ? 'it does not expire' : `good until ${moment(expiresAt)}`
    const whose = `${quoted(name)}${person === null ? '' : ` of ${quoted(person)}`}`
    const given = { name, scopes, expiresAt, person }
    if (dryRun) {
      checkNewToken(given)
      if (json) return printJson(io, { name, scopes, person, expires_at: until, dry_run: true })
      print(io, `would make the token ${whose} (scope ${scopes.join(', ')}, ${life})`)
      return note(io, 'Nothing was changed (--dry-run).')
    }
    const { id, token } = await createToken(tokens, given)
    if (json) return printJson(io, { id, name, scopes, person, expires_at: until, token })
    print(io, token)
    note(io, `${whose} (id ${id}, scope ${scopes.join(', ')}, ${life}). Keep it now: it is not shown again.`)
  })
}

async function listAll(cli: Cli, json: boolean): Promise<void> {
  const { io } = cli
  const { withInstance } = await import('../session.js')
  await withInstance(cli, {}, async (instance) => {
    const tokens = await instance.tokens.list()
    if (json) return printJson(io, tokens.map(tokenToJson))
    if (tokens.length === 0) return note(io, `No tokens. Make one: ${programName()} token create --name NAME`)
    const rows = tokens.map((token) => [
      token.id,
      token.name,
      token.scopes.join(','),
      stateOf(token),
      moment(token.createdAt),
      token.expiresAt === null ? '' : moment(token.expiresAt),
      token.lastUsedAt === null ? '' : moment(token.lastUsedAt),
      token.person ?? '',
    ])
    await printTable(io, ['ID', 'NAME', 'SCOPE', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED', 'PERSON'], rows)
  })
}

async function revokeOne(cli: Cli, idOrName: string, { dryRun = false, json = false }: RevokeOptions): Promise<void> {
  const { io } = cli
  const { withInstance } = await import('../session.js')
  await withInstance(cli, {}, async ({ tokens }) => {
    const meant = dryRun ? tokensNamed(await tokens.list(), idOrName) : []
    if (meant.length > 0) {
      if (json) return printJson(io, { token: idOrName, revoked: false, dry_run: true, ids: meant.map(({ id }) => id) })
      for (const token of meant) print(io, `would revoke ${quoted(token.name)} (id ${token.id}, ${stateOf(token)})`)
      return note(io, 'Nothing was changed (--dry-run).')
    }
    const revoked = !dryRun && (await tokens.revoke(idOrName))
    if (json) printJson(io, { token: idOrName, revoked })
    else if (revoked) print(io, `${idOrName}: revoked`)
    if (revoked) return
    note(io, `error: there is no token ${quoted(idOrName)}; ${programName()} token list shows all`)
    cli.fail()
  })
}

/** The one with this id, otherwise all with this name, as a revocation has it. */
function tokensNamed(tokens: readonly TokenRecord[], idOrName: string): readonly TokenRecord[] {
  const byId = tokens.filter(({ id }) => id === idOrName)
  return byId.length > 0 ? byId : tokens.filter(({ name }) => name === idOrName)
}

function stateOf({ revokedAt, expiresAt }: TokenRecord): 'live' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'expired' : 'live'
}

function tokenToJson(token: TokenRecord) {
  const { id, name, scopes, person, createdAt, expiresAt, lastUsedAt, revokedAt } = token
  const text = (date: Date | null) => date?.toISOString() ?? null
  return {
    id,
    name,
    scopes,
    person,
    state: stateOf(token),
    created_at: text(createdAt),
    expires_at: text(expiresAt),
    last_used_at: text(lastUsedAt),
    revoked_at: text(revokedAt),
  }
}
