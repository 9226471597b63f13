// How an environment shows itself: the colour of its band and of the icon in the tab.
import type { Boot } from '../api/session.js'

export type Band = 'production' | 'staging' | 'other'

export function bandOf(boot: Boot | null): Band {
  if (boot === null) return 'other'
  if (boot.band === 'production' || boot.environment === 'production') return 'production'
  return boot.band === 'staging' || boot.environment === 'staging' ? 'staging' : 'other'
}

const colours: Readonly<Record<Band, string>> = { production: 'c9252d', staging: 'b36b00', other: '5b3fc4' }

/** A picture in the address itself: the server has none to send. */
export function faviconOf(band: Band): string {
  const shape = "<path d='M4 5h8M4 8h8M4 11h5' stroke='white' stroke-width='1.6' stroke-linecap='round'/>"
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='#${colours[band]}'/>${shape}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(picture)}`
}
