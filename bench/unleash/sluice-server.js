// A process that serves as `bin/feature-flag serve` does, and says what that costs.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkout } from '../support/build.js'
import { answer } from '../support/child-commands.js'
import { collectedUsage, usage } from './usage.js'

export const commands = {
  /**
   * Serves the project in a folder; resolves with the port when it listens.
   * @param {{ root: string, databaseUrl: string }} given
   * @returns {Promise<number>}
   */
  async start({ root, databaseUrl }) {
    Object.assign(process.env, { DATABASE_URL: databaseUrl, FEATURE_ENV: 'production', FEATURE_LOG_LEVEL: 'error' })
    delete process.env['npm_config_user_agent'] // Otherwise the server explains how npm treats signals.
    /** @type {typeof import('../../lib/server/serve.js')} */
    const { serve } = await import(pathToFileURL(join(checkout, 'dist', 'server', 'serve.js')).href)
    return new Promise((listening, fail) => {
      // The startup message is for people.
      process.stdout.write = (/** @type {unknown} */ text) => {
        const url = /^Sluice is listening on (\S+)/.exec(String(text))?.[1]
        if (url !== undefined) listening(Number(new URL(url).port))
        return true
      }
      serve({ port: 0, root }).catch(fail)
    })
  },

  usage,
  collectedUsage,
}

answer(commands)
