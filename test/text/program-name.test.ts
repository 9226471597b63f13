// What a person types to start the command line.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { programName } from '../../lib/text/program-name.js'
import { makeRoot } from '../support/project.js'

const pnpm = { npm_config_user_agent: 'pnpm/9.0.0 npm/? node/v22.0.0' }
const yarn = { npm_config_user_agent: 'yarn/1.22.22 npm/? node/v22.0.0' }
const bun = { npm_config_user_agent: 'bun/1.1.0 npm/? node/v22.0.0' }
const npm = { npm_config_user_agent: 'npm/10.0.0 node/v22.0.0' }

describe('the name of the command line', () => {
  it.each([
    ['npx in a project', '/shop/node_modules/.bin/feature-flag', npm, 'npx feature-flag'],
    ['the second name', '/shop/node_modules/.bin/sluice', {}, 'npx sluice'],
    ['the executable in its folder', '/shop/node_modules/sluice/bin/feature-flag', {}, 'npx feature-flag'],
    ['the cache of npx', '/home/a/.npm/_npx/1f/node_modules/.bin/feature-flag', npm, 'npx feature-flag'],
    ['a shim of Windows', 'C:\\shop\\node_modules\\sluice\\bin/feature-flag', {}, 'npx feature-flag'],
    ['pnpm', '/shop/node_modules/.pnpm/sluice@1/node_modules/sluice/bin/feature-flag', pnpm, 'pnpm exec feature-flag'],
    ['yarn', '/shop/node_modules/.bin/feature-flag', yarn, 'yarn feature-flag'],
    ['bun', '/shop/node_modules/.bin/feature-flag', bun, 'bunx feature-flag'],
    ['an installation for the machine', '/no-such-prefix/bin/feature-flag', npm, 'feature-flag'],
    ['an application', '/shop/dist/server.js', {}, 'npx feature-flag'],
    ['an application under pnpm', '/shop/node_modules/.bin/next', pnpm, 'pnpm exec feature-flag'],
    ['an application without a script', undefined, {}, 'npx feature-flag'],
  ])('is what starts it from %s', (_what, script, env, name) => {
    expect(programName({ script, cwd: '/shop', env })).toBe(name)
  })

  it('is bin/feature-flag in a checkout, for the command and for an application there', () => {
    const folder = makeRoot({ 'bin/feature-flag': '', 'package.json': '{}' })
    expect(programName({ script: join(folder, 'bin/feature-flag'), cwd: '/', env: npm })).toBe('bin/feature-flag')
    expect(programName({ script: join(folder, 'app.js'), cwd: folder, env: npm })).toBe('bin/feature-flag')
  })
})

describe('a message that advises a command', () => {
  it('takes its name from programName; only help is written as in a checkout', () => {
    const lib = join(import.meta.dirname, '../../lib')
    const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const found = files
      // The first line of a file that is committed is the same, however the program was called that wrote it.
      .filter((file) => !['cli/main.ts', 'text/program-name.ts', 'definition/declarations/text.ts'].includes(file))
      .flatMap((file) => {
        // A line of help starts with two spaces and the command, or stands in the call that adds it.
        const help = file.startsWith('cli/commands/') ? /^ {2}(?! )|addHelpText\(|\.usage\(/ : /^\s*(?:\/\/|\/?\*)/
        const lines = readFileSync(join(lib, file), 'utf8').split('\n')
        return lines
          .filter((line) => /(?<!node_modules\/\.)bin\/feature-flag/.test(line) && !help.test(line))
          .map((line) => `${file}: ${line}`)
      })
    expect(found).toEqual([])
  })
})
