// An embedded Postgres as an application has left it: made and migrated once for all test files, and copied. Making one unpacks
// 40 MB, which takes more of the processor than all the rest of most tests. Those that are about a first start make their own.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sharedService } from './shared-service.js'

/** Puts one below the root of an application that has none yet: empty tables, all migrations applied, and no process that owns it. */
export async function copyMadeDatabase(root: string): Promise<void> {
  await copyFolder(join(await sharedService('embedded'), '.feature'), root)
}

/** Puts its data alone into the home of an embedded Postgres (`EmbeddedFolder`). */
export async function copyMadeData(home: string): Promise<void> {
  await copyFolder(join(await sharedService('embedded'), '.feature', 'postgres', 'data'), home)
}

/** Copies a folder into another one. The program does for a tenth of the processor what Node's `cp` does. */
async function copyFolder(from: string, into: string): Promise<void> {
  await promisify(execFile)('cp', ['-R', from, into])
}
