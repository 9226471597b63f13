// What processes of different versions read from each other, byte by byte: blobs, pointers, messages, names in Redis, and the
// copy on disk, without a secret and with one. A change here needs another `packedFormat`, or old and new would misread each other.
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { differenceMessage, hintMessage, waitMessage } from '../../lib/cache/format/message.js'
import { pointerText } from '../../lib/cache/format/pointer.js'
import { redisKeys } from '../../lib/cache/redis/keys.js'
import { signedName } from '../../lib/cache/format/signed-name.js'
import { packDisk } from '../../lib/replica/disk/disk.js'
import { digestOf } from '../../lib/state/digest.js'
import { packState } from '../../lib/state/packed-state.js'
import { makeSealer, type Sealer } from '../../lib/state/sealed.js'
import type { StoredFeature } from '../../lib/state/state.js'

const identity = '0123456789abcdef0123456789abcdef'
const address = 'db.example.com:5432/flags public.features public.feature_gates production'
const at = (version: number) => ({ version: String(version), nonce: `00000000-0000-4000-8000-00000000000${version}` })
const features: readonly StoredFeature[] = [
  {
    key: 'dark_mode',
    gates: new Map([
      ['actors', ['Project:42', 'User:1', 'Übung:2']],
      ['percentage_of_actors', ['25']],
    ]),
  },
  { key: 'empty', gates: new Map() },
  { key: 'on', gates: new Map([['boolean', ['true']]]) },
]

/** Bytes as lines that a person can compare: what is no printable ASCII as \xNN, and a new line after each NUL and line break. */
function shown(bytes: Uint8Array | string): string {
  const text = Buffer.from(bytes).toString('latin1')
  return text
    .replace(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/(\\x0a|\\x00)(?=.)/g, '$1\n')
}

async function written(sealer: Sealer): Promise<string> {
  const digest = await digestOf(features)
  const state = { address, identity, position: at(3), digest, inRecovery: false, items: features }
  const circle = { sealer, identity }
  const keys = redisKeys(sealer)
  const own = keys.of(identity)
  const changed = new Map<string, StoredFeature | null>([
    ['dark_mode', features[0] ?? null],
    ['gone', null],
  ])
  const hint = { from: at(1), via: [at(2)], to: at(3), changed }
  const blob = await packState(state, { purpose: 'blob', owner: identity, sealer, largestBytes: 1_000_000 })
  const parts: Readonly<Record<string, Uint8Array | string>> = {
    'blob, unpacked': gunzipSync(blob),
    'copy on disk, unpacked': gunzipSync(await packDisk(state, sealer)),
    'copy on disk of nothing, unpacked': gunzipSync(
      await packDisk({ ...state, identity: null, position: null, digest: null, items: [] }, sealer),
    ),
    pointer: pointerText(sealer, identity, { position: at(3), digest }),
    hint: hintMessage(circle, hint),
    'hint without content': hintMessage(circle, { ...hint, changed: null }),
    difference: differenceMessage(circle, ['dark_mode', 'gone']),
    'difference without names': differenceMessage(circle, null),
    'wait request': waitMessage(circle, { id: 'an-id', position: at(3) }),
    'entry of a member': signedName(sealer, { purpose: 'member', owner: identity }, 'host:1'),
    'entry of the directory': signedName(sealer, { purpose: 'directory', owner: address }, identity),
    'names in Redis': [
      keys.directory(address),
      own.pointer,
      own.claim,
      own.channel,
      own.members,
      own.blob({ position: at(3), digest }),
      own.acknowledged('an-id'),
    ].join('\n'),
  }
  return Object.entries(parts)
    .map(([name, bytes]) => `== ${name}\n${shown(bytes)}\n`)
    .join('\n')
}

describe('what is kept outside of Postgres', () => {
  it('has the bytes of the record, without a secret', async () => {
    await expect(await written(makeSealer(null))).toMatchFileSnapshot('bytes.txt')
  })

  it('has the bytes of the record, with a secret', async () => {
    await expect(await written(makeSealer('a secret of the tests that is long enough'))).toMatchFileSnapshot(
      'bytes-signed.txt',
    )
  })
})
