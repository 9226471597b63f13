// How a person here calls this package's command line. Every message that advises a command takes its name from here, so that the
// advice can be typed as it stands: `npx feature-flag` in a project that has the package, `bin/feature-flag` in a checkout of it.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface Caller {
  /** The script that runs, as it was called. */
  readonly script: string | undefined
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** The names of the executable. */
const executables: ReadonlySet<string> = new Set(['feature-flag', 'sluice'])

/** The command line's name for messages and help, such as `npx feature-flag`. */
export function programName(caller: Caller = thisProcess()): string {
  const { script = '', cwd } = caller
  const name = basename(script).replace(/\.(?:cmd|ps1|js)$/i, '')
  if (!executables.has(name)) {
    // An application. Only a checkout, or a project that made a link there, has this file.
    return existsSync(join(cwd, 'bin', 'feature-flag')) ? 'bin/feature-flag' : `${runner(caller.env)} feature-flag`
  }
  const folders = script.split(/[\\/]/)
  if (folders.includes('node_modules')) return `${runner(caller.env)} ${name}`
  // Installed for the whole machine, it is found by its name; a checkout has it in its own folder `bin`.
  return existsSync(join(script, '..', '..', 'package.json')) ? `bin/${name}` : name
}

/** What starts the executables of a project's packages: of the package manager that started this process, otherwise npm's. */
function runner(env: NodeJS.ProcessEnv): string {
  const [manager] = (env['npm_config_user_agent'] ?? '').split('/')
  switch (manager) {
    case 'pnpm':
      return 'pnpm exec'
    case 'yarn':
      return 'yarn'
    case 'bun':
      return 'bunx'
    default:
      return 'npx'
  }
}

function thisProcess(): Caller {
  return { script: process.argv[1], cwd: process.cwd(), env: process.env }
}
