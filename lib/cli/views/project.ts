// A project as the commands show it.
import type { MinimumRole, Project } from '../../project-flags/project.js'
import { toProjectEntity } from '../../server/projects/entities.js'

/** The project as REST answers it, with the number of its content. */
export function projectJson(project: Project): object {
  return { ...toProjectEntity(project), revision: project.revision }
}

/** Who may change flags, in words. */
export const roleInWords: Readonly<Record<MinimumRole, string>> = {
  developer: 'developers, maintainers and owners',
  maintainer: 'maintainers and owners',
  owner: 'owners',
  no_one_allowed: 'no role (they are frozen)',
}

/** The settings in words, by their labels. */
export function settingsRows({ name, minimumRole, access, streaming }: Project): readonly [string, string][] {
  return [
    ['name', name],
    ['who may change flags', roleInWords[minimumRole]],
    ['flags', access === 'enabled' ? 'switched on' : 'switched off: REST answers 403, SDKs read them as before'],
    ['streaming', streaming ? 'on: SDKs that can are told to stream' : 'off: SDKs poll'],
  ]
}
