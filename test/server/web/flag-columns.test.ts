// The list of flags as columns, without a server.
import { describe, expect, it } from 'vitest'
import { columnTexts } from '../../../lib/server/web/flag-columns.js'
import { flagColumns } from '../../../lib/server/web/flag-rows.js'

const nothing: Readonly<Record<string, unknown>> = {
  ...{ state: 'default', default_enabled: false, ee: false, overdue: false, stored: false, percentage_of_actors: 0 },
  ...{ actors: 0, groups: [], percentage_of_time: 0, never: 0 },
}
const cells = (said: Readonly<Record<string, unknown>>) =>
  flagColumns.map((column) => said[column] ?? nothing[column] ?? null)

/** The columns of flags, read again. */
async function columnsOf(...flags: readonly Readonly<Record<string, unknown>>[]): Promise<unknown> {
  return JSON.parse(`{${await columnTexts(flags.map(cells), () => undefined)}}`)
}

describe('columns', () => {
  it('have no cells where they say the same of all flags, and are left out where that is nothing', async () => {
    const same = { type: 'ops', group: 'group::web', groups: ['beta', 'staff'] }
    expect(await columnsOf({ name: 'a', ...same }, { name: 'b', ...same })).toEqual({
      names: ['a', 'b'],
      columns: {
        state: { values: ['default'] },
        // Left out, it would read as if no flag had a definition.
        default_enabled: { values: [false] },
        type: { values: ['ops'] },
        group: { values: ['group::web'] },
        groups: { values: [['beta', 'staff']] },
      },
    })
  })

  it('tell false, null, 0, an empty list and texts of the same letters apart', async () => {
    expect(
      await columnsOf(
        { name: 'a', group: '["beta"]', groups: ['beta'], percentage_of_actors: 1, overdue: true },
        { name: 'b', groups: [], milestone: '1' },
        { name: 'c', group: 'null', groups: ['beta'], milestone: '1.0' },
      ),
    ).toEqual({
      names: ['a', 'b', 'c'],
      columns: {
        state: { values: ['default'] },
        default_enabled: { values: [false] },
        group: { values: ['["beta"]', null, 'null'], cells: [0, 1, 2] },
        milestone: { values: [null, '1', '1.0'], cells: [0, 1, 2] },
        overdue: { values: [true, false], cells: [0, 1, 1] },
        percentage_of_actors: { values: [1, 0], cells: [0, 1, 1] },
        groups: { values: [['beta'], []], cells: [0, 1, 0] },
      },
    })
  })

  it('are there without any flag, too', async () => {
    expect(await columnsOf()).toEqual({
      names: [],
      columns: { state: { values: [] }, default_enabled: { values: [] } },
    })
  })
})
