// `project import`: flags and user lists of GitLab into a project, all or none. What a file means is in project-flags/import/.
import type { Command } from 'commander'
import type { ImportFile } from '../../../project-flags/import/gitlab-json.js'
import type { ImportReport, Outcome } from '../../../project-flags/import/import-plan.js'
import { quoted } from '../../../text/printable.js'
import type { Cli, Io } from '../../terminal/io.js'
import { note, noteLines, print, printField, printJson } from '../../terminal/output.js'
import { counted } from '../../../text/counted.js'
import {
  agreed,
  type ChangeOptions,
  type ProjectToChange,
  withChangeOptions,
  withProjectToChange,
} from './open-projects.js'

interface ImportOptions extends ChangeOptions {
  readonly skip?: boolean
  readonly yes?: boolean
}

/** `project import PATH FILE…`. */
export function addImport(project: Command, cli: Cli): void {
  const command = project
    .command('import')
    .description("store GitLab's flags and user lists in a project, all or none")
    .argument('<path>', 'the project: its path or id')
    .argument('<files...>', "answers of GitLab's API as JSON, or an export; - reads stdin")
    .option('--skip', 'leave out what does not fit; without it nothing is written then')
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Each flag and each list in the files gets exactly the content that it has there; all others stay as they are. The files hold what GitLab
answers to GET /projects/:id/feature_flags and …/feature_flags_user_lists, also several pages one after the other.

Examples:
  glab api --paginate "projects/:id/feature_flags?per_page=100" | bin/feature-flag project import group/shop - --dry-run
  bin/feature-flag project import group/shop flags.json lists.json --reason "moved from GitLab"
  bin/feature-flag project import group/copy shop.json`,
    )
    .action((path: string, files: readonly string[], options: ImportOptions) => importAll(cli, path, files, options))
}

/** 200 flags and their lists of 10,000 ids are below this. */
const mostBytes = 64 * 1024 * 1024

async function importAll(cli: Cli, path: string, names: readonly string[], options: ImportOptions): Promise<void> {
  const { io } = cli
  const { readGitLabJson } = await import('../../../project-flags/import/gitlab-json.js')
  const documents: unknown[] = []
  for (const name of names) documents.push(...(await readDocuments(io, name)))
  const file = readGitLabJson(documents)
  const held = `${counted(file.flags.length, 'flag')} and ${counted(file.lists.length, 'user list')}`
  if (!(await agreed(cli, options, `Import ${held} into the project ${path}`))) return
  const use = async ({ projects, project, content, by }: ProjectToChange) => {
    const { judgeImport } = await import('../../../project-flags/import/import-plan.js')
    const { report, fitting } = judgeImport(file, content)
    const refused = report.misfits.length > 0 && options.skip !== true
    if (!refused && options.dryRun !== true) await projects.importContent(project.id, fitting, by)
    const written = !refused && options.dryRun !== true
    if (options.json) printJson(io, { ...reportJson(report), written })
    else await showReport(cli, report, { written, refused, file })
    if (refused) cli.fail()
  }
  await withProjectToChange(cli, path, options, use, 'import')
}

async function readDocuments(io: Io, file: string): Promise<readonly unknown[]> {
  const [{ errorText, FeatureError }, { nameOf, readText }, { jsonDocuments }] = await Promise.all([
    import('../../../errors.js'),
    import('../../terminal/read-text.js'),
    import('../../../project-flags/import/json-documents.js'),
  ])
  const remedy = "give what GitLab's API answers, or a file that project export has written"
  const text = await readText(io, file, { mostBytes, what: 'the flags of a project', remedy })
  try {
    return jsonDocuments(text)
  } catch (error) {
    throw new FeatureError('invalid_import', {
      problem: `${nameOf(file)} is not JSON (${errorText(error)}), and nothing was written`,
      remedy,
      cause: error,
    })
  }
}

interface Outcomes {
  readonly written: boolean
  readonly refused: boolean
  readonly file: ImportFile
}

async function showReport(
  { io }: { readonly io: Io },
  report: ImportReport,
  { written, refused, file }: Outcomes,
): Promise<void> {
  const { flags, lists, misfits, repairs } = report
  if (file.flags.length + file.lists.length + misfits.length === 0)
    return note(io, 'There is neither a flag nor a user list in it.')
  const width = 'user lists'.length + 2
  await printField(io, 'flags', sayOutcome(flags, written), width)
  await printField(io, 'user lists', sayOutcome(lists, written), width)
  for (const repair of repairs) note(io, `note: ${repair}`)
  if (misfits.length === 0) return
  print(io, [
    { style: 'red', text: 'does not fit' },
    `: ${counted(misfits.length, 'entry')}`.replace(/entrys$/, 'entries'),
  ])
  for (const { what, why } of misfits) print(io, `  ${what}: ${why.join('; ')}`)
  if (refused) {
    noteLines(io, 'Nothing was written.', ['Correct the file, or leave out what does not fit: --skip'])
  }
}

function sayOutcome({ made, changed, same }: Outcome, written: boolean): string {
  const would = written ? '' : 'would be '
  const parts = [
    ...(made.length > 0 ? [`${made.length} ${would}made (${few(made)})`] : []),
    ...(changed.length > 0 ? [`${changed.length} ${would}changed (${few(changed)})`] : []),
    ...(same.length > 0 ? [`${same.length} as they are`] : []),
  ]
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => (/^[\w-]+$/.test(name) ? name : quoted(name)))
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ')
}

function reportJson({ flags, lists, misfits, repairs }: ImportReport): object {
  return { flags, user_lists: lists, misfits: misfits.map(({ what, why }) => ({ what, why })), repairs }
}
