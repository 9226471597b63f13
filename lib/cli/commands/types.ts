// `types`: writes what the compiler is told of the flags. The text is in definition/declarations/.
import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import type { Fault } from '../../definition/fault.js'
import type { Definition } from '../../definition/definition.js'
import { programName } from '../../text/program-name.js'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, print, printLines } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'

interface TypesOptions {
  readonly out?: string
  readonly check?: boolean
  readonly dryRun?: boolean
  readonly watch?: boolean
}

/** `types`: writes the declarations of all flags, or checks that they are up to date. Opens no database. */
export function addTypes(program: Command, cli: Cli): void {
  program
    .command('types')
    .description('write the types of all flags, so that the compiler knows names, types and actors')
    .option('--out <file>', 'the file to write (default: typesFile of the configuration, src/feature-flags.d.ts)')
    .option('--check', 'write nothing; fail where the file is missing or says something else (for CI)')
    .option('--dry-run', 'show the file without writing it')
    .option('--watch', 'go on, and write the file anew when a definition changes')
    .addHelpText(
      'after',
      `
Commit the file. A flag that has become stale does not make --check fail. The exit code is 1 where a definition is invalid; the types of
the others are written all the same.

Examples:
  bin/feature-flag types
  bin/feature-flag types --out types/flags.d.ts
  bin/feature-flag types --check`,
    )
    .action((options: TypesOptions) => types(cli, options))
}

async function types(cli: Cli, options: TypesOptions): Promise<void> {
  const [{ readConfig }, { Catalog }, { definitionFolders }] = await Promise.all([
    import('../session.js'),
    import('../../definition/catalog.js'),
    import('../definition-folders.js'),
  ])
  if (options.check && options.watch) {
    throw new UsageError({ problem: '--check writes nothing, and --watch writes', remedy: 'give one of them' })
  }
  if (options.dryRun && options.watch) {
    throw new UsageError({ problem: '--dry-run writes nothing, and --watch writes', remedy: 'give one of them' })
  }
  const config = await readConfig(cli)
  const file = await outFile(config, options.out)
  const { root, types: flagTypes, definitionPaths } = config
  // Those under ee/ too: the file is the same for everyone who commits it.
  const catalog = new Catalog({ root, paths: definitionFolders(definitionPaths), types: flagTypes, foss: false })
  const definitions = catalog.all()
  if (options.check) await check(cli, config, file, definitions)
  else if (options.dryRun) await tryOut(cli, config, file, definitions)
  else await write(cli, config, file, definitions)
  await sayWhoSeesIt(cli, root, file)
  const isWhole = tellFaults(cli, catalog.faults)
  if (options.watch) await watch(cli, config, file, catalog)
  else if (!isWhole) cli.fail()
}

/** Relative to the root. Throws UsageError for a file that is not in the root or cannot be one of TypeScript. */
async function outFile(config: Config, given: string | undefined): Promise<string> {
  const [{ declarationFile }, { pathInRoot }] = await Promise.all([
    import('../../definition/declarations/file.js'),
    import('../definition-folders.js'),
  ])
  const file = given === undefined ? declarationFile(config) : pathInRoot(config.root, given)
  if (/\.[cm]?ts$/.test(file)) return file
  throw new UsageError({
    problem: `${quoted(file)} is no file of TypeScript`,
    remedy: 'give a name that ends in .d.ts',
  })
}

async function write(
  cli: Cli,
  config: Config,
  file: string,
  definitions: ReadonlyMap<string, Definition>,
): Promise<void> {
  const { currentDeclarations, writeDeclarations } = await import('../../definition/declarations/file.js')
  const changed = writeDeclarations(config.root, file, currentDeclarations(definitions.values(), config, new Date()))
  print(
    cli.io,
    `${file}: ${definitions.size === 1 ? '1 flag' : `${definitions.size} flags`}${changed ? '' : ', unchanged'}`,
  )
}

async function tryOut(
  cli: Cli,
  config: Config,
  file: string,
  definitions: ReadonlyMap<string, Definition>,
): Promise<void> {
  const { currentDeclarations, isUpToDate, readDeclarations } = await import('../../definition/declarations/file.js')
  const before = readDeclarations(config.root, file)
  printLines(cli.io, currentDeclarations(definitions.values(), config, new Date()).trimEnd())
  const isSame = before !== null && isUpToDate(before, definitions.values(), config)
  note(cli.io, isSame ? `${file} would stay as it is.` : `${file} would be written (--dry-run).`)
}

async function check(
  cli: Cli,
  config: Config,
  file: string,
  definitions: ReadonlyMap<string, Definition>,
): Promise<void> {
  const { isUpToDate, readDeclarations } = await import('../../definition/declarations/file.js')
  const text = readDeclarations(config.root, file)
  if (text !== null && isUpToDate(text, definitions.values(), config)) {
    print(cli.io, `${file}: up to date`)
    return
  }
  const problem = text === null ? 'is missing' : 'is not what the definitions say'
  note(cli.io, [
    { style: 'red', text: 'error' },
    `: ${file} ${problem}; run ${programName()} types and commit the file`,
  ])
  cli.fail()
}

/** The compiler passes a file over that no configuration includes, and says nothing. */
async function sayWhoSeesIt(cli: Cli, root: string, file: string): Promise<void> {
  const { includedBy } = await import('../../definition/declarations/tsconfig.js')
  const { looked, found } = includedBy(root, file)
  if (found) return
  const place = looked.length === 0 ? 'there is no tsconfig.json that could include' : `no tsconfig includes`
  const where = looked.length === 0 ? '' : ` (looked at ${looked.slice(0, 5).join(', ')})`
  const remedy = 'add it to "include", or write it to an included folder with --out'
  note(cli.io, [
    { style: 'yellow', text: 'warning' },
    `: ${place} ${file}${where}: the compiler does not see it; ${remedy}`,
  ])
}

/** Gives whether there is none. */
function tellFaults(cli: Cli, faults: readonly Fault[]): boolean {
  const errors = faults.filter(({ severity }) => severity === 'error')
  for (const { message } of errors.slice(0, 20)) note(cli.io, [{ style: 'red', text: 'error' }, `: ${message}`])
  if (errors.length > 20) note(cli.io, `and ${errors.length - 20} more; ${programName()} validate shows all`)
  return errors.length === 0
}

/** Until an interrupt, which is its usual end: the exit code is 0. */
async function watch(
  cli: Cli,
  config: Config,
  file: string,
  catalog: import('../../definition/catalog.js').Catalog,
): Promise<void> {
  const { watchDefinitions } = await import('../../definition/watch.js')
  const failed = (error: unknown) => note(cli.io, `error: ${String(error)}`)
  const changed = () => {
    tellFaults(cli, catalog.faults)
    write(cli, config, file, catalog.all()).catch(failed)
  }
  const watching = await watchDefinitions(catalog, changed, failed)
  note(cli.io, 'watching the definitions; Ctrl-C ends')
  const alive = setInterval(() => {}, 60_000)
  await new Promise((resolve) => cli.io.onInterrupt(resolve))
  clearInterval(alive)
  await watching.close()
}
