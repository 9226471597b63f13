// What became of reports, in plain integers: a scrape reads them, and nothing of a project is in their names.

import type { DropReason } from './report.js'

export class Tallies {
  readonly dropped: Record<DropReason, number> = { malformed: 0, time: 0, too_many: 0, no_room: 0, no_such_flag: 0 }
  readonly flushes = { done: 0, failed: 0 }

  drop(reason: DropReason, rows: number): void {
    this.dropped[reason] += rows
  }
}
