// The targets of `set`, and the actors of `explain`, as options: GitLab's kinds, any actor by class and id, and the classes that the configuration registers. The
// last are known only once the configuration is read, which runs code of the project: so it is read for an unknown option, and
// for the help.
import { type Command, Option } from 'commander'
import { type TargetKind, targetKinds, type TargetTexts } from '../actors/targets.js'
import type { Cli } from './terminal/io.js'

const descriptions: Readonly<Record<TargetKind, string>> = {
  project: 'these projects: ids or paths, separated by commas',
  group: 'these groups',
  user: 'these users',
  namespace: 'these namespaces',
  feature_group: 'these registered groups of actors',
  organization: 'these organizations',
  repository: 'these repositories',
  runner: 'these runners',
  endpoint: 'these endpoints',
  actor: 'these actors of any class, such as Customer:5',
}

/** In the order of the help. */
const shown: readonly TargetKind[] = [
  'project',
  'group',
  'user',
  'namespace',
  'feature_group',
  'organization',
  'repository',
  'runner',
  'endpoint',
  'actor',
]

export interface TargetOptionsTerms {
  /** How each description begins. Default: `only for`. */
  readonly before?: string
  /** Kinds that are no target of the command. */
  readonly without?: readonly TargetKind[]
}

export class TargetOptions {
  readonly #command: Command
  readonly #cli: Cli
  readonly #before: string
  readonly #kinds: string[]

  /** Adds the options that every project has. */
  constructor(command: Command, cli: Cli, { before = 'only for', without = [] }: TargetOptionsTerms = {}) {
    this.#command = command
    this.#cli = cli
    this.#before = before
    this.#kinds = targetKinds.filter((kind) => !without.includes(kind))
    for (const kind of shown) if (!without.includes(kind)) this.#add(kind, descriptions[kind])
  }

  /** Adds those of the project where they may be needed. Throws ConfigurationError, but not where only help was asked for. */
  async addOwn(given: readonly string[]): Promise<void> {
    const options = given.slice(0, given.indexOf('--') === -1 ? given.length : given.indexOf('--'))
    const asksHelp = options.some((option) => option === '--help' || option === '-h')
    if (!asksHelp && !options.some((option) => this.#isUnknown(option))) return
    const own = await this.#ownClasses().catch((error: unknown) => {
      if (asksHelp) return new Map<string, string>()
      throw error
    })
    for (const [kind, className] of own) {
      this.#kinds.push(kind)
      this.#add(kind, `these actors of the class ${className} (this project's own)`)
    }
  }

  /** The lists by kind, as they were typed. */
  read(options: Readonly<Record<string, unknown>>): TargetTexts {
    const given = this.#kinds.map((kind) => [kind, options[attributeOf(kind)]] as const)
    return Object.fromEntries(given.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  }

  #add(kind: string, description: string): void {
    this.#command.addOption(targetOption(kind, `${this.#before} ${description}`))
  }

  #isUnknown(option: string): boolean {
    const long = option.split('=', 1)[0]
    return option.startsWith('--') && !this.#command.options.some((known) => known.long === long)
  }

  async #ownClasses(): Promise<ReadonlyMap<string, string>> {
    const [{ readConfig }, { ActorClasses }] = await Promise.all([
      import('./session.js'),
      import('../actors/classes.js'),
    ])
    const { kinds, ownKinds } = new ActorClasses((await readConfig(this.#cli)).actors)
    return new Map(ownKinds.map((kind) => [kind, kinds.get(kind) ?? kind]))
  }
}

/** A target as it is typed: `--actor Customer:5`. */
export function spelledOption(kind: string, text: string): string {
  return `${longOf(kind)} ${/^[\w:./@-]+$/.test(text) ? text : `"${text}"`}`
}

/** The options as they were typed: `--feature-group, --user`. */
export function namedOptions(targets: TargetTexts): string {
  return Object.keys(targets).map(longOf).join(', ')
}

/** May be given several times: the lists are joined. */
function targetOption(kind: string, description: string): Option {
  return new Option(`${longOf(kind)} <list>`, description).argParser((text: string, before: string | undefined) =>
    before === undefined ? text : `${before},${text}`,
  )
}

function longOf(kind: string): string {
  return `--${kind.replaceAll('_', '-')}`
}

/** The name under which commander keeps it: `featureGroup`. */
function attributeOf(kind: string): string {
  return kind.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
