// Opens the projects of a store at their first use: an application that only asks for flags never loads them. What serves SDKs (the
// directory of projects, and their contents) is opened by the server alone.
import type { Config } from '../config/config.js'
import type { ProjectFlags } from '../project-flags/project-flags.js'
import type { ProjectReports } from '../project-flags/reports/project-reports.js'
import type { ProjectStore } from '../project-flags/store/store.js'
import type { RenewRevision } from '../replica/projects/contents.js'
import type { ServedProjects } from '../replica/projects/served-projects.js'
import { makeSealer } from '../state/sealed.js'
import type { StoreReader } from '../store/store.js'
import { systemClock } from '../time/clock.js'
import type { Stores } from './stores.js'

export interface ProjectParts {
  readonly config: Config
  readonly stores: Stores
  /** The author of what this process does by itself, and whether it hears the database with Redis too. */
  readonly instance: { readonly author: string; readonly listen?: boolean }
}

export class InstanceProjects {
  readonly #parts: ProjectParts
  #store: Promise<ProjectStore> | null = null
  #flags: Promise<ProjectFlags> | null = null
  #reports: Promise<ProjectReports> | null = null
  #opening: Promise<ServedProjects> | null = null
  #served: ServedProjects | null = null

  constructor(parts: ProjectParts) {
    this.#parts = parts
  }

  /** Resolves with the same at each call. */
  flags(): Promise<ProjectFlags> {
    this.#flags ??= this.#openFlags()
    return this.#flags
  }

  /** What SDKs report of them. */
  reports(): Promise<ProjectReports> {
    this.#reports ??= this.#openReports()
    return this.#reports
  }

  /** What serves SDKs, started at the first call. */
  served(): Promise<ServedProjects> {
    this.#opening ??= this.#openServed()
    return this.#opening
  }

  /** The warnings of what serves SDKs; none where nothing does. */
  warnings(): readonly string[] {
    return this.#served?.status().warnings ?? []
  }

  async close(): Promise<void> {
    const served = this.#opening === null ? null : await this.#opening.catch(() => null)
    this.#served = null
    await served?.close()
  }

  async #openFlags(): Promise<ProjectFlags> {
    const { ProjectFlags } = await import('../project-flags/project-flags.js')
    return new ProjectFlags(telling(await this.#openStore(), (id) => this.#served?.directory.wrote(id)))
  }

  async #openReports(): Promise<ProjectReports> {
    const sql = this.#parts.stores.store.projects
    const projects = await this.flags()
    const { ProjectReports } = await import('../project-flags/reports/project-reports.js')
    if (sql === null) {
      const { MemoryReports } = await import('../project-flags/reports/memory.js')
      return new ProjectReports(new MemoryReports(projects), projects)
    }
    const { postgresReports } = await import('../project-flags/reports/postgres.js')
    return new ProjectReports(postgresReports(sql), projects)
  }

  #openStore(): Promise<ProjectStore> {
    this.#store ??= this.#makeStore()
    return this.#store
  }

  async #makeStore(): Promise<ProjectStore> {
    const sql = this.#parts.stores.store.projects
    if (sql === null) return new (await import('../project-flags/store/memory.js')).MemoryProjects()
    return (await import('../project-flags/store/postgres.js')).postgresProjects(sql)
  }

  async #openServed(): Promise<ServedProjects> {
    const { config, stores, instance } = this.#parts
    const { logger, diskFile, diskAddress, cacheSecret, pollIntervalMs } = config
    const { ServedProjects } = await import('../replica/projects/served-projects.js')
    const store = await this.#openStore()
    const sealer = makeSealer(cacheSecret())
    const clock = systemClock
    const served = new ServedProjects({
      store: await this.#reader(store),
      clock,
      logger,
      pollIntervalMs,
      listen: config.listen ?? (config.redisUrl === null || instance.listen === true),
      cache: (await stores.openProjectCache?.()) ?? null,
      disk: await this.#disk(diskFile, `${diskAddress}-projects`),
      read: (id) => store.content(id),
      copies: { folder: diskFile === null ? null : `${diskFile}.contents`, sealer },
      renew: await this.#renewing(),
    })
    await served.start()
    this.#served = served
    return served
  }

  async #reader(store: ProjectStore): Promise<StoreReader> {
    const sql = this.#parts.stores.store.projects
    if (sql !== null) return sql.directory
    return new (await import('../project-flags/listing.js')).ListedDirectory(store)
  }

  async #disk(diskFile: string | null, address: string) {
    if (diskFile === null) return null
    const { DiskCopy } = await import('../replica/disk/copy.js')
    const { cacheSecret, logger } = this.#parts.config
    const path = `${diskFile}.projects`
    return new DiskCopy({ path, address, sealer: makeSealer(cacheSecret()), clock: systemClock, logger })
  }

  async #renewing() {
    const sql = this.#parts.stores.store.projects
    if (sql === null) return null
    const { renewRevision } = await import('../project-flags/store/restored-revision.js')
    const { author } = this.#parts.instance
    const renew: RenewRevision = (seen, above, source) => renewRevision(sql, seen, above, { author, source })
    return renew
  }
}

const writing: ReadonlySet<string | symbol> = new Set(['create', 'change', 'addInstanceId', 'remove', 'retire'])

/** The store, whose changes this process knows of before they are answered. */
function telling(store: ProjectStore, wrote: (id: number | null) => Promise<void> | undefined): ProjectStore {
  return new Proxy(store, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      return async (...given: readonly unknown[]) => {
        const answer: unknown = await Reflect.apply(method, target, given)
        if (writing.has(key)) await wrote(typeof given[0] === 'number' ? given[0] : null)
        return answer
      }
    },
  })
}
