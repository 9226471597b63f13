// The settings of `npm run demo:unleash`, which are those of the Configure panel. What is missing is named, and nothing more.
import { existsSync } from 'node:fs'

export interface Settings {
  /** The API URL of the project. */
  readonly url: string
  readonly instanceId: string
  /** The environment: GitLab takes the name of the application for it. */
  readonly appName: string
}

/** A setting that is missing or wrong, in a sentence for the person who starts the page. */
export class WrongSetting extends Error {}

/** Reads the file beside this one if it is there. Variables that are set already win. */
export function loadEnvironmentFile(file: string): void {
  if (existsSync(file)) process.loadEnvFile(file)
}

/** Throws WrongSetting. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const url = env['UNLEASH_URL']?.trim() ?? ''
  const instanceId = env['UNLEASH_INSTANCE_ID']?.trim() ?? ''
  const missing = [...(url === '' ? ['UNLEASH_URL'] : []), ...(instanceId === '' ? ['UNLEASH_INSTANCE_ID'] : [])]
  if (missing.length > 0) {
    throw new WrongSetting(
      `${missing.join(' and ')} must be set. Copy demo/.env.example to demo/.env and fill in the values that ` +
        '`bin/feature-flag project configure demo` prints, or those of the Configure panel.',
    )
  }
  return { url: checkUrl(url), instanceId, appName: env['UNLEASH_APP_NAME']?.trim() || 'production' }
}

function checkUrl(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return url
  throw new WrongSetting(
    `UNLEASH_URL is ${JSON.stringify(url)}, which is no URL. Copy the API URL of the Configure panel.`,
  )
}

/** The port of the page: `PORT`, otherwise 8080 or the next free one. Throws WrongSetting. */
export function readPort(env: NodeJS.ProcessEnv): { readonly port: number; readonly orNext: boolean } {
  const text = env['PORT']?.trim() ?? ''
  if (text === '') return { port: 8080, orNext: true }
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return { port: Number(text), orNext: false }
  throw new WrongSetting(`PORT is ${JSON.stringify(text)}. Give a number from 0 (any free port) to 65535.`)
}

/** The sentence for a refused Instance ID. */
export const refusedSentence =
  'The server refused UNLEASH_INSTANCE_ID, or it knows no such project. Copy the API URL and the Instance ID of the Configure panel again.'
