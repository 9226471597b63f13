// Takes the pictures of docs/page.md anew, as the tests of the page see it: `node scripts/page-pictures.js`.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** File in docs/pictures → the state of test/web/pages/states/ and its look. */
const pictures = {
  'page-list.png': ['the list of flags', 'light-1280'],
  'page-flag.png': ['a flag with a pending change', 'light-1280'],
  'page-review.png': ['the review of a change', 'dark-390'],
  'page-history.png': ['the history', 'light-1280'],
  'page-explain.png': ['two explanations side by side', 'dark-1280'],
}

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'page-pictures-'))
try {
  const names = Object.values(pictures).map(([name]) => name)
  const only = ['test/web/pages.test.ts', '-t', `sideways: '(?:${names.join('|')})'$`]
  const env = { ...process.env, SLUICE_WEB_PICTURES: folder }
  const { status } = spawnSync('npx', ['vitest', 'run', ...only], { cwd: root, env, stdio: 'inherit' })
  if (status !== 0) throw new Error('the tests of the page failed, so no picture was changed')
  for (const [file, [name, look]] of Object.entries(pictures)) {
    copyFileSync(join(folder, `${name.replaceAll(' ', '-')}-${look}.png`), join(root, 'docs', 'pictures', file))
    console.log(`docs/pictures/${file}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
