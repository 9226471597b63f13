// The watch over the files of definitions.
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Catalog, type CatalogChange } from '../../lib/definition/catalog.js'
import { watchDefinitions } from '../../lib/definition/watch.js'
import { makeProject, type Project, yamlOf } from './project.js'

const here = 'config/feature_flags/ops/a_flag.yml'

async function watched(project: Project) {
  const catalog = new Catalog(project.options)
  catalog.load()
  const changes: CatalogChange[] = []
  const errors: unknown[] = []
  const watching = await watchDefinitions(
    catalog,
    (change) => changes.push(change),
    (error) => errors.push(error),
  )
  onTestFinished(() => watching.close())
  return { catalog, changes, errors, watching }
}

describe('watching definitions', () => {
  it('takes an edited file', async () => {
    const project = makeProject({ [here]: yamlOf('a_flag', 'ops') })
    const { catalog, changes } = await watched(project)
    project.write(here, yamlOf('a_flag', 'ops', { default_enabled: 'true' }))
    await vi.waitFor(() => expect(catalog.get('a_flag')?.defaultEnabled).toBe(true), { timeout: 10_000 })
    expect(changes.map(({ updated }) => updated)).toEqual([['a_flag']])
  })

  it('takes a file put in place by renaming, as editors save, and one that is deleted', async () => {
    const project = makeProject({ [here]: yamlOf('a_flag', 'ops') })
    const { catalog } = await watched(project)
    const draft = project.write(
      'config/feature_flags/ops/.a_flag.yml.new',
      yamlOf('a_flag', 'ops', { group: 'group::other' }),
    )
    renameSync(draft, join(project.root, here))
    await vi.waitFor(() => expect(catalog.get('a_flag')?.group).toBe('group::other'), { timeout: 10_000 })
    project.remove(here)
    await vi.waitFor(() => expect(catalog.get('a_flag')).toBeUndefined(), { timeout: 10_000 })
  })

  it('follows folders that are made later', async () => {
    const project = makeProject()
    const { catalog } = await watched(project)
    project.write(here, yamlOf('a_flag', 'ops'))
    await vi.waitFor(() => expect(catalog.get('a_flag')).toBeDefined(), { timeout: 10_000 })
    project.write('ee/config/feature_flags/beta/b_flag.yml', yamlOf('b_flag', 'beta'))
    await vi.waitFor(() => expect(catalog.get('b_flag')).toBeDefined(), { timeout: 10_000 })
  })

  it('reports a broken edit, keeps the last good definition, and reports the healing', async () => {
    const project = makeProject({ [here]: yamlOf('a_flag', 'ops') })
    const { catalog, changes } = await watched(project)
    project.write(here, 'name: [')
    await vi.waitFor(() => expect(changes.at(-1)?.kept).toEqual(['a_flag']), { timeout: 10_000 })
    expect(catalog.get('a_flag')).toBeDefined()
    project.write(here, yamlOf('a_flag', 'ops'))
    await vi.waitFor(() => expect(changes.at(-1)).toMatchObject({ kept: [], faults: [], faultsChanged: true }), {
      timeout: 10_000,
    })
  })

  it('takes what changed between the first load and its own start', async () => {
    const project = makeProject({ [here]: yamlOf('a_flag', 'ops') })
    const catalog = new Catalog(project.options)
    catalog.load()
    project.remove(here)
    const changes: CatalogChange[] = []
    const watching = await watchDefinitions(
      catalog,
      (change) => changes.push(change),
      (error) => expect.unreachable(String(error)),
    )
    onTestFinished(() => watching.close())
    expect(changes.map(({ removed }) => removed)).toEqual([['a_flag']])
  })

  it('hands an error of a reload to the callback and goes on', async () => {
    const project = makeProject()
    const good = new Catalog(project.options)
    let failing = false
    const catalog = {
      options: good.options,
      folders: good.folders,
      reload: () => {
        if (failing) throw new Error('disk on fire')
        return good.reload()
      },
    }
    const errors: unknown[] = []
    const watching = await watchDefinitions(
      catalog,
      () => {},
      (error) => errors.push(error),
    )
    onTestFinished(() => watching.close())
    failing = true
    project.write(here, yamlOf('a_flag', 'ops'))
    await vi.waitFor(() => expect(errors).toEqual([new Error('disk on fire')]), { timeout: 10_000 })
    failing = false
    project.write(here, yamlOf('a_flag', 'ops', { group: 'group::other' }))
    await vi.waitFor(() => expect(good.get('a_flag')?.group).toBe('group::other'), { timeout: 10_000 })
  })

  it('ends when it is closed, twice if need be', async () => {
    const project = makeProject({ [here]: yamlOf('a_flag', 'ops') })
    const { watching, catalog } = await watched(project)
    const reload = vi.spyOn(catalog, 'reload')
    project.write(here, '')
    await watching.close()
    await watching.close()
    // A second watcher hears of a later change; by then the closed one would have heard of it too.
    const second = await watched(project)
    project.write(here, yamlOf('a_flag', 'ops', { default_enabled: 'true' }))
    await vi.waitFor(() => expect(second.catalog.get('a_flag')?.defaultEnabled).toBe(true), { timeout: 10_000 })
    expect(reload).not.toHaveBeenCalled()
  })
})
