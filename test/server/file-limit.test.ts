// Whether a server says that the system allows it too few connections.
import { expect, it } from 'vitest'
import { fewFilesNote, readLimit } from '../../lib/server/file-limit.js'

it('a server says that the system allows fewer open files than it may have connections, and is silent otherwise', async () => {
  expect(await fewFilesNote(1)).toBeNull()
  const note = await fewFilesNote(Number.MAX_SAFE_INTEGER)
  if (process.platform === 'linux') expect(note).toMatch(/^the system allows this process \d+ open files/)
  else expect(note).toBeNull()
})

it.each([
  [
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files',
    1_024,
  ],
  ['Max open files            unlimited            unlimited            files', null],
  ['', null],
])('the limit is read from what Linux says', (limits, expected) => {
  expect(readLimit(limits)).toBe(expected)
})
