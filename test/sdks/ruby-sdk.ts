// Debian's package ruby-unleash, as a process of its own. Where it is not installed, the tests that need it are skipped.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { SdkProject } from './server.js'
import type { Sdk } from './sdk.js'

export const hasRubySdk = spawnSync('ruby', ['-e', "require 'unleash'"]).status === 0

/** A package that Debian's needs says so, and means no fault. */
const pureRuby = 'Attention: used pure ruby version of MurmurHash3'

/** For the name of a test. */
export const rubyNote = hasRubySdk ? 'Ruby' : 'Ruby: skipped, because "apt-get install ruby-unleash" has not been run'

/** The SDK; it asks each 200 ms. */
export async function startRubySdk({ apiUrl, instanceId }: SdkProject): Promise<Sdk> {
  const child = spawn('ruby', [join(import.meta.dirname, 'ruby-sdk.rb')], {
    env: { PATH: process.env['PATH'], UNLEASH_URL: apiUrl, UNLEASH_INSTANCE_ID: instanceId },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async answers(questions) {
      child.stdin.write(`${JSON.stringify(questions)}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error(`the Ruby SDK ended: ${log}`)
      const answers: boolean[] = JSON.parse(line.value)
      return answers
    },
    async end() {
      const closed = once(child, 'close')
      child.stdin.end()
      await closed
      const complaints = log.split('\n').filter((line) => line !== '' && line !== pureRuby)
      return child.exitCode === 0 ? complaints : [...complaints, `it ended with ${child.exitCode}`]
    },
  }
}
