// ioredis' client, without its habit to print on the console: a server that wants no password, or only a password, refuses AUTH,
// and ioredis writes that to the console of the application and goes on without a login. Here it goes to whom the options name.
import type { Redis } from 'ioredis'
import type { clientOptions } from './client-options.js'
import type { RedisDriver } from './driver.js'

type SentCommand = Parameters<Redis['sendCommand']>[0]
type Sink = Parameters<Redis['sendCommand']>[1]

/** What is wrong with a login that the server refused as unneeded or too long; by a piece of its answer. */
const needless: readonly (readonly [piece: string, remark: string])[] = [
  ['no password is set', needlessPassword()],
  ['without any password configured for the default user', needlessPassword()],
  [
    "wrong number of arguments for 'auth' command",
    'Redis is older than version 6 and knows no users: leave the user out of redisUrl (REDIS_URL), and keep the password',
  ],
]

function needlessPassword(): string {
  return 'Redis asks for no password, and redisUrl (REDIS_URL) gives one: leave it out, or set it at the server'
}

type Remark = (text: string) => void
type ClientOptions = ReturnType<typeof clientOptions>

/** One class for each driver: a class of its own for each connection would cost every call that goes through it. */
const classes = new WeakMap<RedisDriver, new (options: ClientOptions, remark: Remark) => Redis>()

/** A client of that driver, not connected yet; `remark` gets what the operator should know about the login. */
export function redisClient(driver: RedisDriver, options: ClientOptions, remark: Remark): Redis {
  const known = classes.get(driver) ?? clientClass(driver)
  classes.set(driver, known)
  return new known(options, remark)
}

function clientClass(driver: RedisDriver) {
  return class extends driver.Redis {
    readonly #remark: Remark

    constructor(options: ClientOptions, remark: Remark) {
      super(options)
      this.#remark = remark
    }

    override sendCommand(command: SentCommand, stream?: Sink): unknown {
      if (command.name === 'auth') hearRefusal(command, this.#remark)
      return super.sendCommand(command, stream)
    }
  }
}

function hearRefusal(command: SentCommand, remark: Remark): void {
  const { reject } = command
  command.reject = (error) => {
    const told = needless.find(([piece]) => error.message.includes(piece))?.[1]
    if (told === undefined) return reject(error)
    remark(told)
    return command.resolve('OK')
  }
}
