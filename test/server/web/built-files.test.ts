// What the build has made of the page, read into memory.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readBuiltPage } from '../../../lib/server/web/built-files.js'
import { makeFolder } from '../../support/project.js'

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder(files)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('the built page', () => {
  it('has each file with its type and the encodings that the build has made', async () => {
    const folder = folderOf({
      'index.html': '<!doctype html>',
      'index.html.br': 'small',
      'index.html.gz': 'less small',
      'assets/a-1.js': 'run()',
      'assets/a-1.js.gz': 'zipped',
      'assets/b-2.css': 'p {}',
      'assets/notes.txt': 'not asked for by any page',
    })
    const page = await readBuiltPage(folder)
    expect(page?.index.type).toBe('text/html; charset=utf-8')
    expect(page?.index.bodies).toEqual({
      identity: Buffer.from('<!doctype html>'),
      br: Buffer.from('small'),
      gzip: Buffer.from('less small'),
    })
    expect([...(page?.assets ?? [])].map(([name, { type, bodies }]) => [name, type, Object.keys(bodies)])).toEqual([
      ['a-1.js', 'text/javascript; charset=utf-8', ['identity', 'gzip']],
      ['b-2.css', 'text/css; charset=utf-8', ['identity']],
    ])
  })

  it('is none where it was not built', async () => {
    expect(await readBuiltPage(join(folderOf({}), 'web'))).toBe(null)
    expect(await readBuiltPage()).toBe(null)
  })

  it('has a tag that is another one for another content', async () => {
    const tags = await Promise.all(
      ['one', 'two', 'one'].map(
        async (text) => (await readBuiltPage(folderOf({ 'index.html': text, 'assets/a.js': '' })))?.index.etag,
      ),
    )
    expect(tags[0]).toBe(tags[2])
    expect(tags[0]).not.toBe(tags[1])
  })
})
