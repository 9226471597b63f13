// What SDKs answer about a flag of a project, in words.
import type { Answer, FlagEvaluation } from '../../project-flags/evaluate.js'
import type { UserList } from '../../project-flags/project-flag.js'
import { describeStrategies } from './project-flag.js'

export interface AnswerInWords {
  /** All SDKs, or those of one family. */
  readonly who: string
  readonly answer: string
  readonly because: string
}

/** One answer where all SDKs agree; otherwise one for each family. */
export function answersInWords(
  { agree, node, others }: FlagEvaluation,
  environment: string,
  lists: readonly UserList[],
): readonly AnswerInWords[] {
  const inWords = (who: string, answer: Answer): AnswerInWords => ({
    who,
    answer: verdict(answer),
    because: reason(answer, environment, lists),
  })
  return agree ? [inWords('all SDKs', others)] : [inWords('Node SDK, proxy', node), inWords('all others', others)]
}

function verdict({ enabled, chance }: Answer): string {
  if (enabled === null) return `by chance, at ${chance} %`
  return enabled ? 'on' : 'off'
}

function reason(answer: Answer, environment: string, lists: readonly UserList[]): string {
  const { strategy } = answer
  const which = strategy === null ? '' : describeStrategies([strategy], lists)
  switch (answer.reason) {
    case 'no_environment':
      return 'without an environment an SDK is sent no flags'
    case 'absent':
      return `no strategy is for ${environment}, so SDKs there do not know the flag and give the fallback of the call`
    case 'inactive':
      return 'the flag is off'
    case 'matched':
      return which
    case 'by_chance':
      return `each check decides anew, by ${which}`
    case 'not_matched':
      return `no strategy for ${environment} lets the user in`
  }
}
