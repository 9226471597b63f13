// The package as it is published: packed, installed and used. `npm test` runs the rows that need no network; `npm run test:packaging`
// runs all of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dirname, join } from 'node:path'
import { installOffline, lostSources, makeProject, packTarball, remove, repository, run, runWell } from './package.js'
import { moduleProgram, requireProgram, typedProgram } from './programs.js'

const options = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2023', types: ['node'] }

describe('the packed package', () => {
  let folder: string
  let tarball: string

  beforeAll(() => {
    tarball = packTarball()
    folder = makeProject({
      'main.mjs': moduleProgram,
      'main.cjs': requireProgram,
      'typed.mts': typedProgram,
      'typed.cts': typedProgram,
      'tsconfig.json': JSON.stringify({ compilerOptions: { ...options, module: 'node16' } }),
    })
    installOffline(tarball, folder)
  })
  afterAll(() => {
    remove(folder)
    remove(dirname(tarball))
  })

  it.each(['main.mjs', 'main.cjs'])('runs as %s, and writes nothing else', (file) => {
    expect(run(folder, [process.execPath, file])).toEqual({ code: 0, output: 'works\n' })
  })

  it('compiles in an ES module and in CommonJS, with its declarations checked', () => {
    runWell(folder, [process.execPath, join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'])
  })

  it('has every source that its source maps name', () => {
    expect(lostSources(join(folder, 'node_modules', 'sluice'))).toEqual([])
  })
})
