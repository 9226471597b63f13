// Names, owners, URLs, paths and code with text that steers terminals, or is markup: no format of `usage` and `review` passes it on.
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { expectClean, hostile } from '../cli/hostile.js'
import { definition, makeRoot, run } from '../cli/run.js'

const path = 'config/feature_flags/development/one.yml'
const markup = '<img src=x onerror=alert(1)> [a](javascript:b) @all | `c` ~"d" ::error::e %0A'
const text = `${markup}${hostile}`

function project(): string {
  const root = makeRoot({ [path]: definition('one'), 'src/a.ts': `import { Feature } from 'sluice'\n` })
  const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: root, stdio: 'pipe' })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@a', 'commit', '--quiet', '--no-gpg-sign', '-m', 'one')
  const write = makeRoot({
    [path]: `${definition('one')}description: 1\n`,
    'config/feature_flags/development/two.yml': `name: two\ngroup: ${JSON.stringify(`group::${text}`)}\ndescription: ${JSON.stringify(text)}\nrollout_issue_url: ${JSON.stringify(`https://x/${text}`)}\ntype: development\ndefault_enabled: true\nactor: ${JSON.stringify(text)}\n`,
    'config/feature_flags/development/three.yml': `name: three\ngroup: ${JSON.stringify(`group::${text}`.slice(0, 200))}\ntype: ${JSON.stringify(text)}\ndefault_enabled: true\n`,
    [`config/feature_flags/development/${markup.replaceAll('/', '')}.yml`]: 'name: [\n',
    [`src/${text.replaceAll('/', '').slice(0, 100)}.ts`]: `import { Feature } from 'sluice'\nexport const f = (x) => Feature.enabled(${JSON.stringify(text)}) || Feature.enabled(\`${'a'}\${x}${'b'}\`)\n`,
    'src/b.ts': `import { Feature } from 'sluice'\nif (Feature.enabled('${markup.replaceAll("'", '')}') {\n`,
  })
  execFileSync('cp', ['-r', `${write}/.`, root])
  return root
}

const formats = {
  usage: ['text', 'json', 'junit', 'codequality', 'github', 'sarif'],
  review: ['text', 'json', 'markdown', 'github', 'codequality'],
}
const commands = Object.entries(formats).flatMap(([command, all]) => all.map((format) => [command, format] as const))

it.each(commands)('%s --format %s shows hostile text as plain text', async (command, format) => {
  const ran = await run([command, ...(command === 'review' ? ['--base', 'HEAD'] : []), '--format', format], {
    root: project(),
  })
  expect(ran).toMatchObject({ code: 1 })
  expect(ran.stdout.length).toBeGreaterThan(500)
  expectClean(ran.stdout + ran.stderr, false)
  if (format === 'markdown') expect(ran.stdout.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/<img|\]\(|@all|(?<!\\)~"d"/)
  if (format === 'junit') expect(ran.stdout).not.toContain('<img')
  if (format === 'github') {
    const lines = ran.stdout.trimEnd().split('\n')
    for (const line of lines) {
      expect(line).toMatch(/^::(?:error|warning|notice) file=[^:]*::/)
      expect(line).not.toContain('%0A')
    }
  }
})
