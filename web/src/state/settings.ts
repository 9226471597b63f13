// What a person has chosen for this browser: kept in it, and heard by its other tabs.
import { reactive, watch } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export interface Settings {
  theme: Theme
  /** Whether single keys do anything (WCAG 2.1.4). */
  hasKeys: boolean
}

const key = 'sluice-settings'

export function makeSettings(): Settings {
  const storage = browserStorage()
  const settings = reactive<Settings>(read(storage))
  watch(settings, ({ theme, hasKeys }) => {
    try {
      storage?.setItem(key, JSON.stringify({ theme, hasKeys }))
    } catch {
      // Full or blocked: it holds as long as the page.
    }
  })
  watch(() => settings.theme, showTheme, { immediate: true })
  window.addEventListener('storage', (event) => {
    if (event.key === key) Object.assign(settings, read(storage))
  })
  return settings
}

function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

function read(storage: Storage | null): Settings {
  let kept: unknown = null
  try {
    kept = JSON.parse(storage?.getItem(key) ?? 'null')
  } catch {
    // Not ours any more.
  }
  const { theme, hasKeys } = (typeof kept === 'object' && kept !== null ? kept : {}) as Readonly<
    Record<string, unknown>
  >
  return { theme: themes.find((known) => known === theme) ?? 'system', hasKeys: hasKeys !== false }
}

function browserStorage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}
