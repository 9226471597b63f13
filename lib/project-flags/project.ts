// A project: a name for people, a path for addresses, and its settings.
import { randomBytes, randomUUID } from 'node:crypto'
import type { ProjectFlag, UserList } from './project-flag.js'
import { refuseIfAny } from './refusal.js'

export type MinimumRole = 'developer' | 'maintainer' | 'owner' | 'no_one_allowed'

export interface Project {
  readonly id: number
  readonly path: string
  readonly name: string
  /** `disabled`: its flags are not shown or changed; SDKs read them as before. */
  readonly access: 'enabled' | 'disabled'
  /** The role that may change flags. */
  readonly minimumRole: MinimumRole
  readonly streaming: boolean
  /** Rises with each change, and never falls. */
  readonly revision: number
  /** Another one after each change: content under one nonce never changes. */
  readonly nonce: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Everything that a project holds, as of one revision. */
export interface ProjectContent {
  readonly project: Project
  /** By name. */
  readonly flags: readonly ProjectFlag[]
  readonly lists: readonly UserList[]
}

/** A secret by which SDKs read the flags of a project. */
export interface InstanceId {
  readonly id: number
  readonly name: string
  /** The environment of all SDKs that use it; null: each names its own as its application. */
  readonly environment: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly retiredAt: Date | null
}

/** What of a project can be changed. */
export type Settings = Pick<Project, 'name' | 'path' | 'access' | 'minimumRole' | 'streaming'>

/** One change of a project, with the rows before and after it. */
export interface HistoryEntry {
  readonly revision: number
  readonly at: Date
  readonly kind: 'project' | 'settings' | 'flag' | 'user_list' | 'instance_id'
  readonly subject: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  readonly author: string
  readonly source: string
  readonly reason: string | null
}

/** Which entries of a project's history: all, those of a kind, or those of what once had a name, also under its other names. */
export interface HistoryOf {
  readonly kind?: HistoryEntry['kind'] | undefined
  readonly subject?: string | undefined
}

export interface NewProject {
  readonly name: string
  /** May hold slashes, as GitLab's do: `group/project`. */
  readonly path: string
}

export const limits = { flags: 200, instanceIds: 20 } as const

const longest = 255
const pathPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

/** Throws InvalidProjectFlag for a name or a path that cannot be used. */
export function checkNewProject({ name, path }: NewProject): void {
  const faults: string[] = []
  if (name.trim() === '') faults.push("Name can't be blank")
  if (isTooLong(name)) faults.push(`Name is too long (maximum is ${longest} characters)`)
  if (path === '') faults.push("Path can't be blank")
  else if (path.length > longest) faults.push(`Path is too long (maximum is ${longest} characters)`)
  else if (/^\d+$/.test(path)) faults.push('Path cannot be only digits, which would be an id')
  else if (!pathPattern.test(path) || /\.(?:git|atom)(?:\/|$)/i.test(path)) {
    faults.push(
      "Path can contain only letters, digits, '_', '-', '.' and '/'. Each part must start with a letter, a digit or '_', and cannot end in '.git' or '.atom'",
    )
  }
  refuseIfAny(faults)
}

/** Characters as a person counts them, and GitLab: an emoji is one, though JavaScript counts it as two. */
function isTooLong(name: string): boolean {
  return [...name].length > longest
}

/** A project that was just made. */
export function newProject({ path, name }: NewProject, id: number, at: Date): Project {
  const settings: Settings = { path, name, access: 'enabled', minimumRole: 'developer', streaming: false }
  return { ...settings, id, revision: 0, nonce: randomUUID(), createdAt: at, updatedAt: at }
}

/** Throws InvalidProjectFlag for a name or an environment that cannot be used. */
export function checkInstanceId({ name, environment }: Pick<InstanceId, 'name' | 'environment'>): void {
  const faults: string[] = []
  if (name.trim() === '') faults.push("Name can't be blank")
  if (isTooLong(name)) faults.push(`Name is too long (maximum is ${longest} characters)`)
  if (environment !== null && environment.trim() === '') faults.push("Environment can't be blank")
  if (environment !== null && environment.length > longest) {
    faults.push(`Environment is too long (maximum is ${longest} characters)`)
  }
  refuseIfAny(faults)
}

/** A new secret: 120 random bits. Secret scanners know the prefix, so neither it nor the length may change. */
export function newInstanceSecret(): string {
  return `glffct-${randomBytes(15).toString('base64url')}`
}
