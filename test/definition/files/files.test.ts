// Which files are read as definitions.
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigurationError } from '../../../lib/errors.js'
import { loadDefinitions } from '../../../lib/definition/load.js'
import { makeProject, yamlOf } from '../project.js'

const path = 'config/feature_flags/development/a_flag.yml'

function loaded(options: Parameters<typeof loadDefinitions>[0]) {
  const { definitions, faults } = loadDefinitions(options)
  return { names: [...definitions.keys()], messages: faults.map((fault) => fault.message) }
}

describe('the files that are read', () => {
  it('are those that end in .yml; backups, patches, notes and hidden files are passed over', () => {
    const others = [
      'a_flag.patch',
      'a_flag.yml~',
      'a_flag.yml.orig',
      '#a_flag.yml#',
      '.#a_flag.yml',
      '.a_flag.yml.swp',
      '._a_flag.yml',
      'README.md',
    ]
    const { options, write } = makeProject({ [path]: yamlOf('a_flag') })
    for (const name of others) write(`config/feature_flags/development/${name}`, 'not yaml: [')
    write('config/feature_flags/.hidden/b_flag.yml', 'not yaml: [')
    expect(loaded(options)).toEqual({ names: ['a_flag'], messages: [] })
  })

  it.each(['a_flag.yaml', 'a_flag.YML', 'a_flag.YAML'])('are not those that almost end so: %s', (name) => {
    const { options } = makeProject({ [`config/feature_flags/ops/${name}`]: yamlOf('a_flag', 'ops') })
    expect(loaded(options)).toEqual({
      names: [],
      messages: [
        `config/feature_flags/ops/${name}: has a name that does not end in .yml and is not loaded; rename to .yml: "a_flag.yml"`,
      ],
    })
  })

  it('are none in a project without the folders, or without a root', () => {
    const { options, root } = makeProject()
    expect(loaded(options)).toEqual({ names: [], messages: [] })
    expect(loaded({ ...options, root: join(root, 'missing') })).toEqual({ names: [], messages: [] })
  })

  it('come in the same order on every file system', () => {
    const { options, write } = makeProject()
    for (const name of ['b', 'a', 'c_d', 'c2']) write(`config/feature_flags/ops/${name}.yml`, yamlOf(name, 'ops'))
    expect(loaded(options).names).toEqual(['a', 'b', 'c2', 'c_d'])
  })

  it('may be ten thousand', () => {
    const { options, write } = makeProject()
    for (let index = 0; index < 10_000; index += 1)
      write(`config/feature_flags/ops/flag_${index}.yml`, yamlOf(`flag_${index}`, 'ops'))
    const { names, messages } = loaded(options)
    expect(names).toHaveLength(10_000)
    expect(messages).toEqual([])
  })
})

describe('a file that cannot be taken', () => {
  it.each([
    ['over 64 kB', 'x'.repeat(64 * 1024 + 1), 'is larger than 64 kB; keep only the fields of a definition'],
    ['not UTF-8', Buffer.from([0x6e, 0xff, 0xfe]), 'is not UTF-8 text; save it as UTF-8'],
    ['UTF-16', Buffer.from(`\ufeff${yamlOf('a_flag')}`, 'utf16le'), 'is not UTF-8 text; save it as UTF-8'],
  ])('is a fault when it is %s', (_what, content, text) => {
    const { options, write } = makeProject()
    write(path, content)
    expect(loaded(options)).toEqual({ names: [], messages: [`${path}: ${text}`] })
  })

  it('is a fault when this user may not read it', () => {
    const { options, root, write } = makeProject({ 'config/feature_flags/ops/b_flag.yml': yamlOf('b_flag', 'ops') })
    chmodSync(root, 0o755)
    chmodSync(write(path, yamlOf('a_flag')), 0)
    asOrdinaryUser()
    expect(loaded(options)).toEqual({
      names: ['b_flag'],
      messages: [`${path}: cannot be read (EACCES); make it readable for this user`],
    })
  })

  it('is a fault when its folder may not be read', () => {
    const { options, root } = makeProject({ [path]: yamlOf('a_flag') })
    chmodSync(root, 0o755)
    chmodSync(join(root, 'config/feature_flags/development'), 0)
    asOrdinaryUser()
    expect(loaded(options).messages).toEqual([
      'config/feature_flags/development: cannot be read as a folder (EACCES); make it a folder that this user may read',
    ])
  })

  it('is a fault when it is a folder or a pipe, and the reader does not wait for the pipe', () => {
    const { options, root } = makeProject()
    mkdirSync(join(root, 'config/feature_flags/ops/a_flag.yml'), { recursive: true })
    execFileSync('mkfifo', [join(root, 'config/feature_flags/ops/b_flag.yml')])
    expect(loaded(options).messages).toEqual([
      'config/feature_flags/ops/a_flag.yml: is a folder; write the definition as a file',
      'config/feature_flags/ops/b_flag.yml: is not a regular file; write the definition as a plain file',
    ])
  })

  it('is a fault when it stands in the place of the folder', () => {
    const { options } = makeProject({ 'config/feature_flags': 'x' })
    expect(loaded(options).messages).toEqual([
      'config/feature_flags: cannot be read as a folder (ENOTDIR); make it a folder that this user may read',
    ])
  })

  it('shows a name with a line break on one line', () => {
    const { options } = makeProject({ 'config/feature_flags/ops/a\n\u202eb.yml': yamlOf('a_flag', 'ops') })
    expect(loaded(options).messages).toEqual([
      'config/feature_flags/ops/a\\u{a}\\u{202e}b.yml: name: does not match the file name "a\\u{a}\\u{202e}b.yml", got "a_flag"; rename the file to a_flag.yml',
    ])
  })
})

describe('links', () => {
  it('are followed inside the root, once when they go in a circle', () => {
    const { options, root } = makeProject({
      'elsewhere/a_flag.yml': yamlOf('a_flag'),
      'more/b_flag.yml': yamlOf('b_flag', 'ops'),
    })
    mkdirSync(join(root, 'config/feature_flags/development'), { recursive: true })
    symlinkSync('../../../elsewhere/a_flag.yml', join(root, path))
    symlinkSync('../../more', join(root, 'config/feature_flags/ops'))
    symlinkSync('..', join(root, 'config/feature_flags/development/up'))
    expect(loaded(options)).toEqual({ names: ['a_flag', 'b_flag'], messages: [] })
  })

  it('are not followed out of the root: file, folder and the folder of definitions itself', () => {
    const outside = makeProject({ 'a_flag.yml': yamlOf('a_flag'), 'ops/b_flag.yml': yamlOf('b_flag', 'ops') }).root
    const { options, root } = makeProject({ 'config/feature_flags/wip/c_flag.yml': yamlOf('c_flag', 'wip') })
    mkdirSync(join(root, 'config/feature_flags/development'))
    mkdirSync(join(root, 'ee/config'), { recursive: true })
    symlinkSync(join(outside, 'a_flag.yml'), join(root, path))
    symlinkSync(join(outside, 'ops'), join(root, 'config/feature_flags/ops'))
    symlinkSync(outside, join(root, 'ee/config/feature_flags'))
    const text =
      'is a link that leads out of the root; put the file itself there, or take a root that holds both: --root .. with '
    const advice = (folder: string) =>
      `${text}definitionPaths: ["${basename(root)}/${folder}"] in the configuration there`
    expect(loaded(options)).toEqual({
      names: ['c_flag'],
      messages: [
        `${path}: ${advice('config/feature_flags')}`,
        `config/feature_flags/ops: ${advice('config/feature_flags')}`,
        `ee/config/feature_flags: ${advice('ee/config/feature_flags')}`,
      ],
    })
  })

  it('that lead out of the root name the root that works, and it works', () => {
    const { options, root } = makeProject({ 'common/flags/ops/a_flag.yml': yamlOf('a_flag', 'ops') })
    const app = join(root, 'packages/app')
    mkdirSync(join(app, 'config'), { recursive: true })
    symlinkSync('../../../common/flags', join(app, 'config/feature_flags'))
    const [message = ''] = loaded({ ...options, root: app }).messages
    const [, up = '', path = ''] = /--root (\S+) with definitionPaths: \["(.*)"\]/.exec(message) ?? []
    expect([up, path]).toEqual(['../..', 'packages/app/config/feature_flags'])
    expect(loaded({ ...options, root: join(app, up), paths: [path] })).toEqual({ names: ['a_flag'], messages: [] })
  })

  it('that lead far out of the root name no other root', () => {
    const { options, root } = makeProject()
    mkdirSync(join(root, 'config/feature_flags'), { recursive: true })
    symlinkSync('/etc', join(root, 'config/feature_flags/ops'))
    expect(loaded(options).messages).toEqual([
      'config/feature_flags/ops: is a link that leads out of the root; put the file itself there',
    ])
  })

  it('are not fooled by a folder whose name begins like the root', () => {
    const { options, root } = makeProject({
      'app/config/feature_flags/ops/x.txt': '',
      'app-secrets/a_flag.yml': yamlOf('a_flag', 'ops'),
    })
    symlinkSync('../../../../app-secrets/a_flag.yml', join(root, 'app/config/feature_flags/ops/a_flag.yml'))
    expect(loaded({ ...options, root: join(root, 'app') }).names).toEqual([])
  })

  it('are a fault when they lead nowhere', () => {
    const { options, root } = makeProject()
    mkdirSync(join(root, 'config/feature_flags/ops'), { recursive: true })
    symlinkSync('gone.yml', join(root, 'config/feature_flags/ops/a_flag.yml'))
    expect(loaded(options).messages).toEqual([
      'config/feature_flags/ops/a_flag.yml: leads nowhere (ENOENT); remove the link, or put the file there',
    ])
  })
})

describe('configured folders', () => {
  it.each(['../other', 'a/../../b', '/etc', 'C:\\flags', '..\\other', '.', '', 'a\0b'])(
    'are refused outside the root: %j',
    (folder) => {
      const { options } = makeProject()
      expect(() => loadDefinitions({ ...options, paths: [folder] })).toThrow(ConfigurationError)
      expect(() => loadDefinitions({ ...options, paths: [folder] })).toThrow(
        /is not a folder inside the root; name a folder inside the root/,
      )
    },
  )

  it('may be spelt with ./, a slash behind, or twice', () => {
    const { options } = makeProject({ 'flags/ops/a_flag.yml': yamlOf('a_flag', 'ops') })
    expect(loaded({ ...options, paths: ['./flags/', 'flags'] })).toEqual({ names: ['a_flag'], messages: [] })
  })
})

/** Root may read everything, which would make tests of permissions pass for nothing. */
function asOrdinaryUser(): void {
  if (process.geteuid?.() !== 0) return
  process.seteuid?.(65534)
  onTestFinished(() => process.seteuid?.(0))
}
