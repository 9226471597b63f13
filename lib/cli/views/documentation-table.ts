// All flags as a table for a documentation page (GitLab: "All feature flags in GitLab"): what the definitions say, and nothing that is
// stored, so that the page is the same wherever it is written.
import type { Definition } from '../../definition/definition.js'
import { markdownCode, markdownLink, markdownTable, markdownText } from '../../text/markdown.js'

const head = ['Flag', 'Type', 'Default', 'Milestone', 'Owner', 'Asked for', 'Description', 'Links']

/** The definitions by name, as Markdown. */
export function documentationTable(definitions: Iterable<Definition>): string {
  const sorted = [...definitions].sort((a, b) => (a.name < b.name ? -1 : 1))
  return markdownTable(head, sorted.map(row))
}

function row(definition: Definition): readonly string[] {
  const { name, ee, type, defaultEnabled, milestone, group, actor, description } = definition
  return [
    ee ? `${markdownCode(name)} (ee)` : markdownCode(name),
    markdownText(type),
    defaultEnabled ? 'on' : 'off',
    markdownText(milestone ?? ''),
    markdownText(group ?? ''),
    markdownText(actor?.join(', ') ?? ''),
    markdownText(description ?? ''),
    links(definition).join(', '),
  ]
}

function links({ introducedByUrl, featureIssueUrl, rolloutIssueUrl }: Definition): readonly string[] {
  const pairs = [
    ['introduced by', introducedByUrl],
    ['feature issue', featureIssueUrl],
    ['rollout issue', rolloutIssueUrl],
  ] as const
  return pairs.flatMap(([text, url]) => (url === null ? [] : [markdownLink(text, url)]))
}
