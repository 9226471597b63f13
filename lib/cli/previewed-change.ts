// A change that a person sees before it is made: the preview, a question where one is needed, and the change for the revisions that were
// shown. Where another writer was quicker, the person sees the new preview.
import type { Config } from '../config/config.js'
import { isProduction } from '../config/environment-name.js'
import type { FeatureError } from '../errors.js'
import type { Expected } from '../feature/change/change-writer.js'
import type { FlagPreview } from '../feature/change/preview/preview.js'
import { untilUnchanged } from '../feature/change/until-unchanged.js'
import { parseRevision } from '../state/revision.js'
import { agree } from './terminal/dialogue.js'
import type { Cli } from './terminal/io.js'
import { note } from './terminal/output.js'
import { showPreview } from './views/preview.js'

export interface PreviewedChange<Made> {
  readonly config: Config
  /** Whether the person has agreed already. */
  readonly yes: boolean
  /** What is asked, without its end, such as `Set "dark_mode" to true`. */
  readonly question: string
  /** What is changed, as in `other writers kept changing …`. */
  readonly what: string
  /** Whether the caller named a revision: then another one is an error, and not looked at again. */
  readonly isExpected: boolean
  preview(): Promise<readonly FlagPreview[]>
  /** What is shown below the preview that was made last: other people's changes that it concerns. */
  readonly below?: () => readonly string[]
  /** Makes the change for these revisions. */
  apply(expect: Expected): Promise<Made>
}

/** What was made; null where the person said no. Throws what previewing and making throw, and Interrupted. */
export async function previewedChange<Made>(cli: Cli, change: PreviewedChange<Made>): Promise<Made | null> {
  const attempt = async (refusal: FeatureError | null): Promise<Made | null> => {
    if (refusal !== null)
      note(cli.io, [{ style: 'yellow', text: `Not made: ${refusal.problem}. It would now do this:` }])
    const flags = await change.preview()
    const isChange = flags.some(({ changed }) => changed)
    if (isChange) {
      for (const flag of flags) showPreview(cli.io, flag, 'note')
      for (const line of change.below?.() ?? []) note(cli.io, line)
    }
    if (isChange && !(await mayGoOn(cli, change, flags))) return null
    return change.apply(revisionsOf(flags))
  }
  return change.isExpected ? attempt(null) : untilUnchanged(change.what, attempt)
}

async function mayGoOn(
  cli: Cli,
  { config, yes, question }: Pick<PreviewedChange<unknown>, 'config' | 'yes' | 'question'>,
  flags: readonly FlagPreview[],
): Promise<boolean> {
  // What would be refused needs no answer.
  if (yes || flags.some(({ warnings }) => warnings.some(({ code }) => code === 'default_on_trap'))) return true
  if (!isProduction(config.env) && !flags.some(({ level }) => level === 2)) return true
  return agree(cli, config, question)
}

function revisionsOf(flags: readonly FlagPreview[]): Expected {
  return new Map(
    flags.flatMap(({ name, revision }) => {
      const parsed = parseRevision(revision)
      return parsed === null ? [] : [[name, parsed] as const]
    }),
  )
}
