// A test file that replaces modules gets the ones that other files have loaded, where it shares a process with them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownProcessFiles, ownProcessFolders } from './own-process.js'

const tests = join(import.meta.dirname, '..')
const replacesModules = /\bvi\.(?:mock|doMock|resetModules)\(/

describe('a test file that replaces modules', () => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts'))

  it('has a process of its own', () => {
    const sharing = files.filter(
      (path) => !ownProcessFiles.includes(path) && !ownProcessFolders.includes(path.split('/')[0] ?? ''),
    )
    expect(sharing.length).toBeGreaterThan(100)
    expect(sharing.filter((path) => replacesModules.test(readFileSync(join(tests, path), 'utf8')))).toEqual([])
  })

  it('is there, if it is named', () => {
    expect(ownProcessFiles.filter((path) => !files.includes(path))).toEqual([])
  })
})
