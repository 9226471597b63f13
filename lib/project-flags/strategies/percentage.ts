// Percentages and groups of the two strategies that let in a share, and the bucket that decides.
import { murmur3, type TextBytes } from '../murmur3.js'
import type { SdkFamily } from './strategy.js'

/** Whether GitLab takes the value: digits for 0 to 100, as a text. */
export function isPercent(value: unknown): value is string {
  return typeof value === 'string' && /^\d+$/.test(value) && Number(value) <= 100
}

/** What GitLab says of a group; null for a good one. */
export function groupFault(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z]{1,32}$/.test(value) ? null : 'groupId parameter is invalid'
}

/** The percentage as an SDK reads its text: Node any number, the others digits alone; 0 for anything else. */
export function percentFor(text: string | undefined, family: SdkFamily): number {
  if (text === undefined || (family === 'others' && !/^\+?\d+$/.test(text))) return 0
  const percent = Number(text)
  return Number.isNaN(percent) ? 0 : percent
}

/** Whether an id is among the first `percent` of 100 buckets of its group: what every SDK computes. */
export function isInShare(group: string, id: string, percent: number, bytes: TextBytes): boolean {
  return percent > 0 && (murmur3(`${group}:${id}`, bytes) % 100) + 1 <= percent
}
