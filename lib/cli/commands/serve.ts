// `serve`: reads host and port. The server, which runs until a signal comes, is in server/serve.ts.
import { type Command, InvalidArgumentError } from 'commander'
import type { Cli } from '../terminal/io.js'

interface ServeOptions {
  readonly host?: string
  readonly port?: number
}

/** `serve`: the HTTP API, until SIGINT or SIGTERM. */
export function addServe(program: Command, cli: Cli): void {
  program
    .command('serve')
    .description('serve the HTTP API')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port; 0 for any free one (default: PORT, or 4242, or the next free one)', parsePort)
    .addHelpText(
      'after',
      `
It runs until SIGINT or SIGTERM. In a container or a service start node_modules/.bin/feature-flag serve: a SIGTERM to npx
ends npx alone, and the server stays on its port.

Examples:
  bin/feature-flag serve --port 8080
  node_modules/.bin/feature-flag serve --host 0.0.0.0`,
    )
    .action((options: ServeOptions) => serve(cli, options))
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 0 to 65535.')
}

async function serve(cli: Cli, options: ServeOptions): Promise<void> {
  const server = await import('../../server/serve.js')
  await server.serve({ ...options, root: cli.root() })
}
