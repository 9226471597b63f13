// What a client that may write to Redis can try: blobs, pointers and hints that say what the database does not.
import { randomUUID } from 'node:crypto'
import type { Position, StoredFeature } from '../../lib/state/state.js'
import type { Forger } from './forger.js'

/** An actor that no truth names. */
export const mark = 'User:666'

const forgedFeature: StoredFeature = { key: 'by_actor', gates: new Map([['actors', ['User:1', 'User:2', mark]]]) }
const other = (index: number): StoredFeature => ({ key: `forged_${index}`, gates: new Map([['actors', [mark]]]) })
const forgedOf = (flags: number) =>
  new Map(
    [forgedFeature, ...Array.from({ length: flags - 1 }, (_, index) => other(index))].map((one) => [one.key, one]),
  )
const away = ({ version }: Position, steps: number): Position => ({
  version: String(BigInt(version) + BigInt(steps)),
  nonce: randomUUID(),
})

export interface Scene {
  readonly forger: Forger
  readonly position: Position
  /** Where the database stood before its last change. */
  readonly passed: Position
  readonly features: readonly StoredFeature[]
  /** Changes the database without telling other processes, and resolves with its new position. */
  change(): Promise<Position>
}

export interface Attack {
  readonly title: string
  /** Whether running processes are told something. */
  readonly heard: boolean
  /** Whether no process may ever answer from it, secret or not. */
  readonly never: boolean
  /** Whether the pointer or its blob is another one afterwards. */
  readonly spoils: boolean
  readonly run: (scene: Scene) => Promise<void>
}

const missed = (position: Position) => ({ from: away(position, 1), via: [], to: away(position, 2), changed: null })

async function thereAndBack({ forger, position }: Scene, flags: number): Promise<void> {
  const changed = forgedOf(flags)
  const there = away(position, 1)
  await forger.tell({ from: position, via: [], to: there, changed })
  await forger.tell({ from: there, via: [], to: position, changed })
  await forger.tell({ from: position, via: [there], to: position, changed })
}

function forgedState({ features }: Scene): readonly StoredFeature[] {
  return [...features.filter(({ key }) => key !== forgedFeature.key), forgedFeature]
}

export const attacks: readonly Attack[] = [
  {
    title: 'a blob rewritten under the real pointer',
    ...{ heard: true, never: true, spoils: true },
    run: async (scene) => {
      await scene.forger.rewrite(await scene.forger.named(), forgedState(scene))
      await scene.forger.tell(missed(scene.position))
    },
  },
  {
    title: 'a blob at the real position, with a pointer of its own',
    ...{ heard: true, never: true, spoils: true },
    run: async (scene) => {
      await scene.forger.lead(scene.position, forgedState(scene))
      await scene.forger.tell(missed(scene.position))
    },
  },
  {
    title: 'a blob at an invented position, with a pointer of its own',
    ...{ heard: true, never: false, spoils: true },
    run: async (scene) => {
      await scene.forger.lead(away(scene.position, 1), forgedState(scene))
      await scene.forger.tell(missed(scene.position))
    },
  },
  {
    title: 'a pointer with another digest at the real position',
    ...{ heard: false, never: true, spoils: true },
    run: ({ forger, position }) => forger.point(position, `${randomUUID()}${randomUUID()}`.replaceAll('-', '')),
  },
  {
    title: 'a chain of hints away and back, one flag',
    ...{ heard: true, never: false, spoils: false },
    run: (scene) => thereAndBack(scene, 1),
  },
  {
    title: 'a chain of hints away and back, 101 flags',
    ...{ heard: true, never: false, spoils: false },
    run: (scene) => thereAndBack(scene, 101),
  },
  {
    title: 'a hint to the real next position, whose content was left out',
    ...{ heard: true, never: false, spoils: false },
    run: async ({ forger, position, change }) =>
      forger.tell({ from: position, via: [], to: await change(), changed: forgedOf(1) }),
  },
  {
    title: 'hints that fall, to an invented position and to one passed',
    ...{ heard: true, never: true, spoils: false },
    run: async ({ forger, position, passed }) => {
      const changed = forgedOf(1)
      await forger.tell({ from: position, via: [], to: away(position, -1), changed })
      await forger.tell({ from: position, via: [], to: passed, changed })
      await forger.tell({ from: position, via: [away(position, -1)], to: away(position, 1), changed })
    },
  },
]
