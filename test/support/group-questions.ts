// The predicates of groups, as explanations and previews ask them.
import type { Groups } from '../../lib/actors/groups.js'
import { GroupQuestions, type GroupQuestionsOptions } from '../../lib/feature/group-questions.js'
import { systemClock } from '../../lib/time/clock.js'

export function questionsOf(groups: Groups, more: Partial<GroupQuestionsOptions> = {}): GroupQuestions {
  return new GroupQuestions({ groups, clock: systemClock, keepingStack: (run) => run(), onEnded: () => {}, ...more })
}
