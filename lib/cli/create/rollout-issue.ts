// The page that opens a new rollout issue, filled in as far as possible (GitLab: bin/feature-flag, with the templates "Feature Flag Roll
// Out" and, for experiments, "Experiment Tracking"). The project is read from the available sources, the nearest one first.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '../../text/json.js'

export interface IssueSources {
  readonly root: string
  /** The answer to the question about the merge request. */
  readonly mergeRequestUrl: string | null
  /** URLs of other definitions, asked for only if no other source names the project. */
  readonly otherUrls: () => Iterable<string>
}

/** The URL of a new rollout issue for the flag; null if no project is known. */
export function rolloutIssueUrl(
  flag: { readonly name: string; readonly type: string },
  sources: IssueSources,
): string | null {
  const project = findProject(sources)
  if (project === null) return null
  const title = `[Feature flag] Rollout of \`${flag.name}\``
  const template = flag.type === 'experiment' ? 'Experiment Tracking' : 'Feature Flag Roll Out'
  const query = isGitHub(project)
    ? new URLSearchParams({ title })
    : new URLSearchParams({ 'issue[title]': title, issuable_template: template })
  return `${project}${isGitHub(project) ? '' : '/-'}/issues/new?${query}`
}

function findProject({ root, mergeRequestUrl, otherUrls }: IssueSources): string | null {
  const answered = mergeRequestUrl === null ? null : projectOfPage(mergeRequestUrl)
  const known = answered ?? projectOfPackage(root) ?? projectOfRepository(originOf(root))
  if (known !== null) return known
  for (const url of otherUrls()) {
    const project = projectOfPage(url)
    if (project !== null) return project
  }
  return null
}

/** `https://host/group/project` of a merge request, pull request or issue in it. */
export function projectOfPage(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { origin, pathname } = new URL(text)
  const [, path] = /^(\/.+?)\/(?:-\/|pull\/|issues(?:\/|$)|merge_requests\/)/.exec(pathname) ?? []
  return path === undefined || !origin.startsWith('http') ? null : origin + path
}

/** `https://host/group/project` of a repository in the spelling of package.json or git. */
export function projectOfRepository(text: string | null): string | null {
  if (text === null) return null
  const short = /^(?:(github|gitlab):)?([\w-][\w.-]*\/[\w.-]+)$/.exec(text)
  if (short?.[2] !== undefined) return `https://${short[1] ?? 'github'}.com/${short[2]}`
  const [, host, path] =
    /^(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+(?::\d+)?)\/(.+?)(?:\.git)?\/?$/.exec(text) ??
    /^[^@/\s]+@([^:/\s]+):(.+?)(?:\.git)?$/.exec(text) ??
    []
  return host === undefined || path === undefined ? null : `https://${host}/${path}`
}

function isGitHub(project: string): boolean {
  return new URL(project).hostname.split('.').includes('github')
}

function projectOfPackage(root: string): string | null {
  const data = readPackage(root)
  const bugs = urlIn(data?.['bugs'])
  return (bugs === null ? null : projectOfPage(bugs)) ?? projectOfRepository(urlIn(data?.['repository']))
}

/** The content of the root's package.json; null if there is none that can be read. */
export function readPackage(root: string): Readonly<Record<string, unknown>> | null {
  try {
    const data: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return isRecord(data) ? data : null
  } catch {
    // No package, or a broken one: its content is only a convenience.
    return null
  }
}

/** Both `"url"` and `{ "url": "…" }` are usual. */
function urlIn(value: unknown): string | null {
  const url = isRecord(value) ? value['url'] : value
  return typeof url === 'string' ? url : null
}

function originOf(root: string): string | null {
  const asked = spawnSync('git', ['config', '--get', 'remote.origin.url'], { cwd: root, encoding: 'utf8' })
  const origin = asked.status === 0 ? asked.stdout.trim() : ''
  // Without a colon it is a folder, even if it looks like npm's short form of a GitHub project.
  return origin.includes(':') ? origin : null
}
