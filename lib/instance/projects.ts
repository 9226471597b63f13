// Opens the projects of a store at their first use: an application that only asks for flags never loads them.
import type { ProjectFlags } from '../project-flags/project-flags.js'
import type { Store } from '../store/store.js'

/** Resolves with the same projects at each call. */
export function projectsOf({ projects: sql }: Store): () => Promise<ProjectFlags> {
  let opening: Promise<ProjectFlags> | null = null
  return () => {
    opening ??= open()
    return opening
  }

  async function open(): Promise<ProjectFlags> {
    const { ProjectFlags } = await import('../project-flags/project-flags.js')
    if (sql === null) {
      const { MemoryProjects } = await import('../project-flags/memory.js')
      return new ProjectFlags(new MemoryProjects())
    }
    const { postgresProjects } = await import('../project-flags/postgres.js')
    return new ProjectFlags(postgresProjects(sql))
  }
}
