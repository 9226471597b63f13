// Keys that work everywhere. Single keys do nothing in a field, in a dialog, or where they are switched off; those with Ctrl or ⌘ always work.
import type { Router } from 'vue-router'
import { pages } from './pages.js'
import type { Settings } from './settings.js'

export interface KeyTargets {
  readonly settings: Settings
  readonly router: Router
  readonly isSignedIn: () => boolean
  readonly openPalette: () => void
  readonly openHelp: () => void
  readonly review: () => void
  readonly undo: () => void
}

const secondKeyMs = 1_500

/** Pages listen for keys of their own on the document; this is what they ask first. */
export function isPlainKey(event: KeyboardEvent, settings: Settings): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !settings.hasKeys) return false
  if (document.querySelector('dialog[open]') !== null) return false
  const target = event.target
  return !(
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]') !==
      null
  )
}

/** Returns what ends it. */
export function listenForKeys({
  settings,
  router,
  isSignedIn,
  openPalette,
  openHelp,
  review,
  undo,
}: KeyTargets): () => void {
  let goAt = Number.NEGATIVE_INFINITY

  function onKey(event: KeyboardEvent): void {
    if (event.repeat || !isSignedIn()) return
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
    const isFree = document.querySelector('dialog[open]') === null
    if (isCommand && event.key.toLowerCase() === 'k' && isFree) {
      event.preventDefault()
      openPalette()
    } else if (isCommand && event.key === 'Enter' && isFree) {
      event.preventDefault()
      review()
    } else if (isPlainKey(event, settings)) plainKey(event)
  }

  function plainKey(event: KeyboardEvent): void {
    const isSecond = event.timeStamp - goAt < secondKeyMs
    goAt = Number.NEGATIVE_INFINITY
    const place = pages.find(({ key }) => key === event.key)
    if (isSecond && place !== undefined) {
      event.preventDefault()
      void router.push(place.path)
    } else if (event.key === 'g') goAt = event.timeStamp
    else if (event.key === '?') openHelp()
    else if (event.key === 'u') undo()
    else if (event.key === 'x') {
      const { name } = router.currentRoute.value.params
      void router.push({ path: '/explain', query: typeof name === 'string' ? { flag: name } : {} })
    }
  }

  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}
