// Where the tab keeps its pending change. Apart from what reads it, so that a page without one loads nothing of it.

export const keptKey = 'sluice-pending'

/** The tab's storage; null where the browser has none for us. */
export function tabStorage(): Storage | null {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

/** Whether this tab may have a pending change. */
export function hasKept(storage: Storage | null): boolean {
  try {
    return storage?.getItem(keptKey) != null
  } catch {
    return false
  }
}
