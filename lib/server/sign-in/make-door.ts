// Joins the parts that let people in by a cookie.
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { Auth } from '../access/auth.js'
import { Arrivals } from './arrival.js'
import { Confirmations } from './confirmations.js'
import { Door } from './door.js'
import { Signatures } from './signatures.js'
import { SignIns } from './sign-ins.js'

export interface DoorParts {
  readonly instance: Instance
  readonly auth: Auth
  readonly logger: Logger
  readonly elapsed: () => number
  readonly isProxy: (address: string) => boolean
}

export interface ConfirmationParts {
  readonly instance: Instance
  readonly door: Door
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function makeConfirmations({ instance, door, now }: ConfirmationParts): Confirmations {
  const { signatures } = door
  const environment = instance.config.env
  return new Confirmations({ signatures, identity: () => door.identity(), environment, now })
}

export function makeDoor({ instance, auth, logger, elapsed, isProxy }: DoorParts): Door {
  const store = instance.signIns
  return new Door({
    arrivals: new Arrivals(instance.config.publicUrl, isProxy),
    signIns: new SignIns({ store, auth, logger, elapsed }),
    signatures: new Signatures(store, elapsed),
    identity: () => instance.identity(),
  })
}
