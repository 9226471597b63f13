// Projects and their contents, for the tests of what serves them.
import { listedRows, readListedProject } from '../../../lib/project-flags/directory.js'
import type { ProjectFlag } from '../../../lib/project-flags/project-flag.js'
import type { InstanceId, Project, ProjectContent } from '../../../lib/project-flags/project.js'

const at = new Date(0)

export function projectOf(rest: Partial<Project> = {}): Project {
  return {
    id: 1,
    path: `group/p-${rest.id ?? 1}`,
    name: 'A shop',
    access: 'enabled',
    minimumRole: 'developer',
    streaming: false,
    revision: 1,
    nonce: 'n-1',
    createdAt: at,
    updatedAt: at,
    ...rest,
  }
}

/** A flag that is on for everybody everywhere. */
export function flagNamed(name: string, rest: Partial<ProjectFlag> = {}): ProjectFlag {
  const strategy = { id: 1, name: 'default', parameters: {}, userListId: null } as const
  const strategies = [{ ...strategy, scopes: [{ id: 2, environmentScope: '*' }] }]
  const fixed = { id: 1, iid: 1, description: null, active: true, revision: 1, createdAt: at, updatedAt: at }
  return { ...fixed, name, strategies, ...rest }
}

export function contentOf(project: Partial<Project> = {}, ...flags: readonly ProjectFlag[]): ProjectContent {
  const list = { id: 5, iid: 1, name: 'l', userXids: '7,8', revision: 1, createdAt: at, updatedAt: at }
  return { project: projectOf(project), flags, lists: [list] }
}

export function instanceIdOf(secret: string, rest: Partial<InstanceId> = {}): InstanceId & { readonly secret: string } {
  const fixed = { id: 9, name: 'default', environment: null, createdAt: at, lastUsedAt: null, retiredAt: null }
  return { ...fixed, ...rest, secret }
}

/** A project as the directory has it. */
export function listed(project: Partial<Project> = {}, ...secrets: readonly string[]) {
  return readListedProject(rowsOf(project, ...secrets))
}

/** The same as its rows. */
export function rowsOf(project: Partial<Project> = {}, ...secrets: readonly string[]) {
  return listedRows(
    projectOf(project),
    secrets.map((secret, index) => instanceIdOf(secret, { id: index + 1 })),
  )
}
