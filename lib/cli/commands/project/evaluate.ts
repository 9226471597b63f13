// `project evaluate`: what SDKs answer for one user, and why. The deciding is in project-flags/evaluate.ts.
import { type Command, InvalidArgumentError } from 'commander'
import type { Cli } from '../../terminal/io.js'
import type { AnswerInWords } from '../../views/project-evaluation.js'
import { note, printField, printJson, printTable } from '../../terminal/output.js'
import { flagNamed, withProject } from './open-projects.js'

interface EvaluateOptions {
  readonly env: string
  readonly user?: string
  readonly session?: string
  readonly property?: Readonly<Record<string, string>>
  readonly json?: boolean
}

/** `project evaluate PATH [FLAG] --env E`. */
export function addEvaluate(project: Command, cli: Cli): void {
  project
    .command('evaluate')
    .description('show what SDKs answer for a user, and why')
    .argument('<path>', 'the project: its path or id')
    .argument('[flag]', 'the flag; without it all flags')
    .requiredOption('--env <environment>', 'the environment of the SDK; it has to be given')
    .option('--user <id>', 'the user ID of the context')
    .option('--session <id>', 'the session ID of the context')
    .option('--property <name=value>', 'a property of the context; may be given several times', collectProperty)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
SDKs come in two families: the Node SDK with the proxy made of it, and all others. They differ for ids with letters beyond
ASCII; where they do, both answers are shown. A share without the id that it goes by is decided by chance at each check.

Examples:
  bin/feature-flag project evaluate group/shop new_layout --env production --user 7
  bin/feature-flag project evaluate group/shop --env production --user 7 --json`,
    )
    .action((path: string, flag: string | undefined, options: EvaluateOptions) => evaluate(cli, path, flag, options))
}

function collectProperty(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It is a name, = and a value.')
  return { ...before, [name]: value }
}

function evaluate(cli: Cli, path: string, name: string | undefined, options: EvaluateOptions): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const { evaluateFlags } = await import('../../../project-flags/evaluate.js')
    const content = await projects.content(project.id)
    const flags = name === undefined ? content.flags : [await flagNamed(content, name)]
    const context = {
      ...(options.user === undefined ? {} : { userId: options.user }),
      ...(options.session === undefined ? {} : { sessionId: options.session }),
      ...(options.property === undefined ? {} : { properties: options.property }),
    }
    const environment = options.env.trim()
    const evaluations = evaluateFlags({ flags, lists: content.lists }, environment, context)
    if (options.json) {
      const { toEvaluationEntity } = await import('../../../server/projects/entities.js')
      const shown = evaluations.map((one) => toEvaluationEntity(one, environment))
      return printJson(io, name === undefined ? shown : shown[0])
    }
    if (evaluations.length === 0) return note(io, 'The project has no flags.')
    const { answersInWords } = await import('../../views/project-evaluation.js')
    const answers = evaluations.map((one) => ({
      flag: one.flag,
      said: answersInWords(one, environment, content.lists),
    }))
    if (name !== undefined) return showOne(cli, answers[0]?.said ?? [])
    const rows = answers.map(({ flag, said }) => [
      flag,
      said.map(({ who, answer }) => (said.length === 1 ? answer : `${who}: ${answer}`)).join('; '),
      said.map(({ because }) => because).join('; '),
    ])
    await printTable(io, ['FLAG', 'ANSWER', 'BECAUSE'], rows)
  })
}

async function showOne({ io }: Cli, answers: readonly AnswerInWords[]): Promise<void> {
  const width = Math.max(...answers.map(({ who }) => who.length)) + 3
  for (const { who, answer, because } of answers) await printField(io, who, `${answer}: ${because}`, width)
  if (answers.length === 1) return
  note(io, 'SDKs read some ids in two ways; ids of ASCII letters without blanks mean the same to all of them.')
}
