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

/** A client of that driver, not connected yet; `remark` gets what the operator should know about the login. */
export function redisClient(
  driver: RedisDriver,
  options: ReturnType<typeof clientOptions>,
  remark: (text: string) => void,
): Redis {
  const client = class extends driver.Redis {
    override sendCommand(command: SentCommand, stream?: Sink): unknown {
      if (command.name === 'auth') hearRefusal(command, remark)
      return super.sendCommand(command, stream)
    }
  }
  return new client(options)
}

function hearRefusal(command: SentCommand, remark: (text: string) => void): void {
  const { reject } = command
  command.reject = (error) => {
    const told = needless.find(([piece]) => error.message.includes(piece))?.[1]
    if (told === undefined) return reject(error)
    remark(told)
    return command.resolve('OK')
  }
}
