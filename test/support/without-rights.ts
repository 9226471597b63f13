// Runs a part of a test as an account that owns nothing: root may read and write everything, so nothing is closed to it.
import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { unprivilegedAccount } from './service-process.js'

/** As this account where it is not root. What `use` imports has to be loaded before, unless every account may read it. */
export async function withoutRights<Result>(root: string, use: () => Promise<Result>): Promise<Result> {
  const account = unprivilegedAccount()
  if (account === null) return use()
  // Temporary folders are closed to others.
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    const { mode } = statSync(folder)
    if ((mode & 0o5) !== 0o5) chmodSync(folder, mode | 0o55)
  }
  process.seteuid?.(account.uid)
  try {
    return await use()
  } finally {
    process.seteuid?.(0)
  }
}
