// HMACs under the keys in the database, so that each server can check what another one gave to a page. A key that was deleted there ends
// what it signed within a minute.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyName, SignInStore } from '../../store/sign-ins.js'

interface Kept {
  readonly keys: readonly Buffer[]
  readonly atMs: number
}

const keepMs = 60_000
/** A signature that no key fits may be of a key that another server has made since. */
const retryMs = 1_000

export class Signatures {
  readonly #store: Pick<SignInStore, 'keys'>
  readonly #elapsed: () => number
  readonly #kept = new Map<KeyName, Kept>()

  /** `elapsed` gives milliseconds of a clock that is never set. */
  constructor(store: Pick<SignInStore, 'keys'>, elapsed: () => number) {
    this.#store = store
    this.#elapsed = elapsed
  }

  /** Throws StoreUnavailable. */
  async sign(name: KeyName, text: string): Promise<string> {
    const [newest] = await this.#keys(name, keepMs)
    if (newest === undefined) throw new TypeError(`there is no key ${name}`)
    return hmac(newest, text).toString('base64url')
  }

  /** Whether a key that is good now has signed the text. Throws StoreUnavailable. */
  async verify(name: KeyName, text: string, signature: string): Promise<boolean> {
    const given = Buffer.from(signature, 'base64url')
    const fits = (keys: readonly Buffer[]) =>
      keys.some((key) => {
        const right = hmac(key, text)
        return right.length === given.length && timingSafeEqual(right, given)
      })
    return fits(await this.#keys(name, keepMs)) || fits(await this.#keys(name, retryMs))
  }

  async #keys(name: KeyName, mostMs: number): Promise<readonly Buffer[]> {
    const kept = this.#kept.get(name)
    const atMs = this.#elapsed()
    if (kept !== undefined && atMs - kept.atMs < mostMs) return kept.keys
    const keys = await this.#store.keys(name)
    this.#kept.set(name, { keys, atMs })
    return keys
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
