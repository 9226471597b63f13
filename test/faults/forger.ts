// A client that may write to a Redis: it knows how everything in it is made, and not the secret.
import type { Hint, Pointer } from '../../lib/cache/cache.js'
import { packBlob } from '../../lib/cache/format/blob.js'
import { hintMessage } from '../../lib/cache/format/message.js'
import { pointerText } from '../../lib/cache/format/pointer.js'
import { type DatabaseKeys, redisKeys } from '../../lib/cache/redis/keys.js'
import { digestOf } from '../../lib/state/digest.js'
import type { Sealer } from '../../lib/state/sealed.js'
import type { Position, StoredFeature } from '../../lib/state/state.js'
import type { RedisMachine } from './redis-machine.js'

export interface ForgerOptions {
  readonly redis: RedisMachine
  readonly identity: string
  /** How the forged content is marked. */
  readonly sealer: Sealer
  /** Whether it is put where signed processes look. */
  readonly signed: boolean
}

export class Forger {
  readonly keys: DatabaseKeys
  /** The blobs that it has written. */
  readonly blobs = new Set<string>()
  readonly #options: ForgerOptions

  constructor(options: ForgerOptions) {
    this.#options = options
    this.keys = redisKeys(options).of(options.identity)
  }

  /** The name of the blob in use, whoever signed its pointer. */
  async named(): Promise<Pick<Pointer, 'position' | 'digest'>> {
    const text = (await this.#options.redis.bytes(this.keys.pointer))?.toString('latin1') ?? ''
    const [version = '', nonce = '', , digest = ''] = text.slice(text.indexOf('\n') + 1).split(':')
    return { position: { version, nonce }, digest }
  }

  async tell(hint: Hint): Promise<void> {
    const { redis, sealer, identity } = this.#options
    await redis.run('PUBLISH', this.keys.channel, hintMessage({ sealer, identity }, hint))
  }

  /** Says again what was once said, byte by byte. */
  async replay(message: Buffer): Promise<void> {
    await this.#options.redis.run('PUBLISH', this.keys.channel, message)
  }

  /** Puts a blob, whole in itself, in the place of another one. */
  async rewrite(place: Pick<Pointer, 'position' | 'digest'>, features: readonly StoredFeature[]): Promise<void> {
    await this.#put(this.keys.blob(place), place.position, features)
  }

  /** A blob of its own, and a pointer to it. */
  async lead(position: Position, features: readonly StoredFeature[]): Promise<void> {
    const digest = await digestOf(features)
    await this.#put(this.keys.blob({ position, digest }), position, features)
    await this.point(position, digest)
  }

  async point(position: Position, digest: string): Promise<void> {
    const { redis, sealer, identity } = this.#options
    await redis.run('SET', this.keys.pointer, pointerText(sealer, identity, { position, digest }))
  }

  async #put(key: string, position: Position, features: readonly StoredFeature[]): Promise<void> {
    const { redis, sealer, identity } = this.#options
    const state = { position, identity, inRecovery: false, items: features, digest: await digestOf(features) }
    this.blobs.add(key)
    await redis.run('SET', key, await packBlob(sealer, 'anywhere', state))
  }
}
