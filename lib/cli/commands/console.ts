// `console`: a REPL on a terminal, or the lines of a pipe, over one started Feature. Evaluating and showing a line, and the
// classes of actors, are in cli/console/.
import type { Command } from 'commander'
import { namedFew } from '../../definition/named-few.js'
import type { FeatureFlags } from '../../feature/feature.js'
import type { Instance } from '../../instance/instance.js'
import type { Cli, Io } from '../terminal/io.js'
import { note } from '../terminal/output.js'

/** `console`: a REPL with `Feature` and classes of actors; also reads a pipe. */
export function addConsole(program: Command, cli: Cli): void {
  program
    .command('console')
    .description('a console with Feature, Project, User, Group and Namespace')
    .addHelpText(
      'after',
      `
A pipe works as well: each answer goes to stdout, the first error ends it with exit code 1.

Examples:
  bin/feature-flag console
  echo "await Feature.enable('dark_mode', Project.find(42))" | bin/feature-flag console`,
    )
    .action(() => openConsole(cli))
}

async function openConsole(cli: Cli): Promise<void> {
  const { io } = cli
  const interactive = io.stdin.isTTY === true && io.stdout.isTTY === true
  const { withInstance } = await import('../session.js')
  // On a terminal Ctrl-C belongs to the line that is typed or running.
  const session: Cli = interactive ? { ...cli, io: { ...io, onInterrupt: () => () => {} } } : cli
  await withInstance(session, { source: 'console', likeApplication: true }, async (instance) => {
    const globals = await globalsOf(instance)
    const { storeLabel } = await import('../terminal/store-label.js')
    note(io, `Feature flags, ${instance.config.env}: ${storeLabel(instance.config)}`)
    const stop = await tellOwnChanges(instance.feature, io)
    await tellNoChanges(instance, io)
    const restore = await guardConsole(io)
    try {
      if (interactive) {
        note(io, `Here are ${[...globals.keys()].join(', ')}; .exit leaves.`)
        const { runInteractive } = await import('../console/interactive.js')
        await runInteractive(io, instance.config, globals)
      } else {
        const { runPiped } = await import('../console/piped.js')
        await runPiped(cli, globals)
      }
    } finally {
      restore()
      stop()
    }
  })
}

async function globalsOf({ feature, config }: Instance): Promise<ReadonlyMap<string, unknown>> {
  const [{ actorClasses }, { ActorClasses }, { findWith }] = await Promise.all([
    import('../console/actor-classes.js'),
    import('../../actors/classes.js'),
    import('../../feature/change/set-request.js'),
  ])
  const { actors } = config
  return new Map([
    ['Feature', feature],
    ...actorClasses(actors?.keys() ?? [], new ActorClasses(actors), findWith(actors)),
  ])
}

/** A change answers `undefined`, so its effect on the flag gets a line of its own. */
async function tellOwnChanges(feature: FeatureFlags, io: Io): Promise<() => void> {
  const { summarize } = await import('../../feature/flag-summary.js')
  return feature.on('change', ({ name, after, origin }) => {
    if (origin !== 'local') return
    note(io, `${name}: ${after === null ? 'nothing is stored, the default counts' : summarize(after.gates)}`)
  })
}

/** What was not on a list, and that a change changed nothing: its answer is `undefined`, too. */
async function tellNoChanges(instance: Instance, io: Io): Promise<void> {
  const { unmatchedText } = await import('../views/unmatched.js')
  instance.onWritten(({ changed, unmatched }, features) => {
    if (!changed) note(io, `${namedFew([...features])}: nothing changed; this is what was stored already`)
    for (const miss of unmatched) note(io, unmatchedText(miss))
  })
}

/** `console.log` in an evaluated line may print stored text: it goes through the gate too. */
async function guardConsole({ stdout, stderr }: Io): Promise<() => void> {
  const { Console } = await import('node:console')
  const own = globalThis.console
  // Without colours, which the gate would show as text.
  globalThis.console = new Console({ stdout, stderr, colorMode: false })
  return () => {
    globalThis.console = own
  }
}
