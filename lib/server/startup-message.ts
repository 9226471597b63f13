// The message of `serve` once it listens: the URL, the token, and how to open a console beside it.
import { shareableDatabaseUrl } from '../config/database-url.js'
import { isProduction } from '../config/environment-name.js'
import { errorText, FeatureError } from '../errors.js'
import { commandLineAuthor } from '../instance/create.js'
import type { Instance } from '../instance/instance.js'
import type { TokenStore } from '../store/store.js'
import { createToken, isLive } from '../tokens/tokens.js'
import { programName } from '../text/program-name.js'
import { shellWord } from '../text/shell-word.js'
import { bareName, isLoopbackName } from './access/hosts.js'
import { makeOneTimeLink } from './sign-in/one-time-link.js'

export interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Whether a person reads the output and may see a secret. */
  readonly terminal: boolean
  /** Whether the server has a page for the browser; default: no. */
  readonly hasPage?: boolean
}

/**
 * Lines for stdout. Makes the first admin token if there is none yet and a person can see the output, and in the same case a link that
 * signs that person in, if the server has a page; never where the output of a production server ends in a log.
 */
export async function startupMessage(
  instance: Instance,
  url: string,
  around: Surroundings,
): Promise<readonly string[]> {
  const { store, root } = instance.config
  const command = commandLine(around, root)
  const mayShow = store.kind !== 'postgres' || around.terminal
  return [
    `Sluice is listening on ${url}`,
    ...(around.hasPage === true ? [await pageLine(instance, url, { command, terminal: around.terminal })] : []),
    await tokenLine(instance.tokens, mayShow, command),
    `Console, from a second terminal: ${command} console`,
    ...(hasPassword(around.env) ? ['(add the password to DATABASE_URL there, or set PGPASSWORD)'] : []),
  ]
}

/**
 * What to say where npm's shell stands between the server and the program that stops it; null where there is none. npm passes a
 * SIGTERM to that shell, which ends and leaves the server alive on its port, unless the script begins with `exec`.
 */
export function shellNote({ env, terminal }: Surroundings): string | null {
  const script = env['npm_lifecycle_script']
  if (terminal || script === undefined || /^\s*exec\s/.test(script)) return null
  if (env['npm_config_user_agent']?.startsWith('npm/') !== true) return null
  const through = env['npm_command'] === 'exec' ? 'npx' : 'npm'
  const remedy = through === 'npx' ? '' : ', or begin the script with "exec "'
  return (
    `this server was started through ${through}, and a SIGTERM to ${through} does not reach it; in a container or a service ` +
    `start node_modules/.bin/feature-flag serve${remedy}`
  )
}

interface PageTerms {
  readonly command: string
  readonly terminal: boolean
}

/** A link for a person who sees it, otherwise the command that makes one. Where people cannot sign in, how they could. */
async function pageLine(instance: Instance, url: string, { command, terminal }: PageTerms): Promise<string> {
  const { env, publicUrl, store } = instance.config
  const origin = publicUrl?.origin ?? localOrigin(url)
  if (origin === null)
    return `Page: people cannot sign in at ${url}; set publicUrl to the https:// address that people open`
  const later = `For a link that signs you in to the page: ${command} open`
  // In production what is printed without a terminal ends in a log, which others read.
  const mayShow = terminal || (publicUrl === null && store.kind !== 'postgres' && !isProduction(env))
  if (!mayShow) return later
  try {
    const person = commandLineAuthor()
    const link = await makeOneTimeLink(instance.signIns, origin, { person, scopes: ['admin'] })
    return `Page, signed in once within ten minutes: ${link.url}`
  } catch (error) {
    return `${later} (not possible yet: ${errorText(error)})`
  }
}

/** How the server is reached on its own machine; null where it listens on another address alone. */
function localOrigin(url: string): string | null {
  const local = new URL(url)
  if (local.hostname === '0.0.0.0' || local.hostname === '[::]') local.hostname = '127.0.0.1'
  return isLoopbackName(bareName(local.hostname) ?? '') ? local.origin : null
}

async function tokenLine(tokens: TokenStore, mayShow: boolean, command: string): Promise<string> {
  const create = `${command} token create --name NAME`
  try {
    const now = new Date()
    const exists = (await tokens.list()).some((token) => token.scopes.includes('admin') && isLive(token, now))
    const which = exists ? 'another' : 'an'
    if (!(await tokens.mayCreate())) {
      return `For ${which} admin token, with the login of the owner of the tables in DATABASE_URL: ${asOwner(create)}`
    }
    if (exists || !mayShow) return `For ${which} admin token: ${create}`
    const { token } = await createToken(tokens, { name: 'first-admin', scopes: ['admin'], expiresAt: null })
    return `Admin token: ${token}`
  } catch (error) {
    if (error instanceof FeatureError && error.code === 'not_migrated')
      return `There is no table for tokens yet: ${command} migrate, then ${create}`
    return `Tokens cannot be read yet (${errorText(error)}); for an admin token later: ${create}`
  }
}

/** The same command with a place for the owner's login, which this process does not know. */
function asOwner(command: string): string {
  return command.replace(/DATABASE_URL=('?)(postgres(?:ql)?:\/\/)(?:[^/?#@']*@)?/, 'DATABASE_URL=$1$2OWNER@')
}

/** The command in a form that works in another terminal, with another folder and environment. Never a password. */
function commandLine({ cwd, env }: Surroundings, root: string): string {
  const variables = ['FEATURE_ENV', 'NODE_ENV', 'DATABASE_URL'].flatMap((name) => {
    const value = name === 'DATABASE_URL' ? withoutPassword(env[name]) : env[name]
    return value ? [`${name}=${shellWord(value)}`] : []
  })
  const program = programName({ script: process.argv[1], cwd, env })
  const rootOption = root === cwd ? [] : ['--root', shellWord(root)]
  return [`cd ${shellWord(cwd)} &&`, ...variables, program, ...rootOption].join(' ')
}

function hasPassword(env: NodeJS.ProcessEnv): boolean {
  const url = env['DATABASE_URL']
  return url !== undefined && withoutPassword(url) !== url
}

/** Undefined also for a value that is not understood, because any part of it may be the password. */
function withoutPassword(url: string | undefined): string | undefined {
  return url === undefined ? undefined : (shareableDatabaseUrl(url) ?? undefined)
}
