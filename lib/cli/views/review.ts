// A review for a person: flag by flag, then what is wrong, then what the process asks.
import { faultPlace, faultText } from '../../definition/fault.js'
import type { States } from '../../review/report.js'
import type { Review } from '../../review/review.js'
import { changeWords, comparedWith, detailsOf, processLines, traits } from '../../review/sentences.js'
import type { Io } from '../terminal/io.js'
import { print } from '../terminal/output.js'
import { counted } from '../../text/counted.js'

/** Writes the review; warnings come before errors, so that the errors are what stands last of them. */
export function showReview(io: Io, review: Review, states: States | null): void {
  const { flags, findings, process } = review
  print(io, [{ style: 'dim', text: comparedWith(review) }])
  if (flags.length === 0) print(io, 'No flag is changed, and no code that asks one.')
  for (const flag of flags) {
    const { change } = flag
    const name = { style: 'bold', text: change.name } as const
    print(io, [`${changeWords[change.kind]}: `, name, ` (${traits(change.after ?? change.before)})`])
    for (const line of detailsOf(flag, states)) print(io, `  ${line}`)
  }
  const ordered = (['warning', 'error'] as const).flatMap((kind) =>
    findings.filter(({ severity }) => severity === kind),
  )
  for (const finding of ordered) {
    const { severity } = finding
    const style = severity === 'error' ? 'red' : 'yellow'
    const text = faultText({ ...finding, field: null, value: null })
    print(io, [{ style: 'bold', text: faultPlace(finding) }, ': ', { style, text: severity }, `: ${text}`])
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const counts = [counted(errors, 'error'), counted(findings.length - errors, 'warning')]
  print(io, `${counted(flags.length, 'flag')}: ${counts.join(', ')}`)
  if (process.label === null) return
  print(io, "GitLab's process:")
  print(io, `  ${process.label}`)
  for (const line of processLines(process)) print(io, `  ${line}`)
}
