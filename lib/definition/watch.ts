// Reloads definitions when their files change: development only. States: opening, watching, closed. After any change it reads
// all files again: duplicates and last good definitions concern more than one file.
import { realpathSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import type { CatalogChange } from './catalog.js'

/** The object that is watched and reloaded; `Catalog` is one. */
export interface Watched {
  readonly options: { readonly root: string }
  /** Relative to the root. */
  readonly folders: readonly string[]
  reload(): CatalogChange
}

export interface Watching {
  /** Ends the watching; safe to call twice. */
  close(): Promise<void>
}

/** Editors and checkouts write in bursts; one reload follows the burst. */
const quietMs = 50

/**
 * Reloads `catalog` after a change below its folders, also of folders made later, and calls `onChange` if definitions or faults
 * have changed. Never throws: errors of the watching itself or of a callback go to `onError`.
 */
export async function watchDefinitions(
  catalog: Watched,
  onChange: (change: CatalogChange) => void,
  onError: (error: unknown) => void,
): Promise<Watching> {
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const reload = () => {
    try {
      const change = catalog.reload()
      if (change.changed || change.faultsChanged) onChange(change)
    } catch (error) {
      onError(error)
    }
  }
  const soon = () => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(reload, quietMs)
  }
  try {
    const watcher = await openWatcher(catalog, soon, onError)
    // A change between the first load and the watcher's start raised no event.
    reload()
    return {
      async close() {
        closed = true
        clearTimeout(timer)
        await watcher.close()
      },
    }
  } catch (error) {
    onError(error)
    return { async close() {} }
  }
}

async function openWatcher(
  catalog: Watched,
  onEvent: () => void,
  onError: (error: unknown) => void,
): Promise<Watching> {
  const { watch } = await import('chokidar')
  const root = realRoot(catalog.options.root)
  const folders = catalog.folders.map((folder) => join(root, folder))
  const watcher = watch(root, {
    ignoreInitial: true,
    // A forgotten stop() must not keep a script alive.
    persistent: false,
    followSymlinks: false,
    ignored: (path) => isIgnored(root, folders, path),
  })
  watcher.on('all', onEvent)
  watcher.on('error', onError)
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  return watcher
}

/** Links are not followed, and the root itself may be one; a missing root is watched under its own name. */
function realRoot(root: string): string {
  try {
    return realpathSync(root)
  } catch {
    return root
  }
}

/**
 * The root is watched rather than the folders, because those may not exist yet. Inside it, only the way to the folders and the
 * files below them are looked at.
 */
function isIgnored(root: string, folders: readonly string[], path: string): boolean {
  if (path === root) return false
  const below = folders.some((folder) => path === folder || path.startsWith(folder + sep))
  if (below) return basename(path).startsWith('.')
  return !folders.some((folder) => folder.startsWith(path + sep))
}
