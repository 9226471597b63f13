// A review as Markdown, for a comment in a merge request or the summary of a job. The label stands on a line of its own, where GitLab
// takes it for a quick action: posting the comment sets the label.
import { faultText } from '../definition/fault.js'
import { markdownCode, markdownTable, markdownText } from '../text/markdown.js'
import type { Finding } from './findings.js'
import type { States } from './report.js'
import type { Review, ReviewedFlag } from './review.js'
import { changeWords, comparedWith, detailsOf, processLines, traits } from './sentences.js'

const head = ['Flag', 'Change', 'Definition', 'Details']

export function reviewMarkdown(review: Review, states: States | null): string {
  const { flags, findings, process } = review
  const parts = [
    '### Feature flags',
    markdownText(comparedWith(review)),
    flags.length === 0
      ? 'No flag is changed, and no code that asks one.'
      : markdownTable(
          head,
          flags.map((flag) => row(flag, states)),
        ),
    findings.map(item).join('\n'),
    processLines(process)
      .map((line) => `- ${markdownText(line)}`)
      .join('\n'),
    process.label ?? '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function row(flag: ReviewedFlag, states: States | null): readonly string[] {
  const { change } = flag
  return [
    markdownCode(change.name),
    changeWords[change.kind],
    markdownText(traits(change.after ?? change.before)),
    detailsOf(flag, states).map(markdownText).join('<br>'),
  ]
}

function item(finding: Finding): string {
  const { file, line, severity } = finding
  const place = line === null ? file : `${file}:${line}`
  return `- **${severity}** ${markdownCode(place)}: ${markdownText(faultText({ ...finding, field: null, value: null }))}`
}
