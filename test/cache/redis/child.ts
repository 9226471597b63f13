// A process of its own that uses a Redis cache at the URL given: it writes a blob, subscribes, says `serving` and the
// version that it reads (or `failing` and the warning), and on a line on stdin closes the cache and says `closed`. Then
// nothing must keep it alive.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as driver from 'ioredis'
import { RedisCache } from '../../../lib/cache/redis/cache.js'
import { silentLogger } from '../../../lib/log.js'
import { ears, identity, position, state, unsigned, write } from '../samples.js'

const say = (text: string) => writeSync(1, `${text}\n`)
const url = process.argv[2] ?? ''
const cache = new RedisCache({ driver, url, address: randomUUID(), sealer: unsigned, logger: silentLogger })
const heard = ears()
cache.subscribe(identity, { ...heard, unsure: () => void serve() })

async function serve(): Promise<void> {
  await write(cache, state(position(7)), await cache.readPointer(identity))
  const pointer = await cache.readPointer(identity)
  say(`serving ${pointer?.position.version ?? 'nothing'}`)
}

if ((await cache.readPointer(identity)) === null && cache.status().warning !== null)
  say(`failing ${cache.status().warning}`)

const input = createInterface({ input: process.stdin })
input.once('line', async () => {
  input.close()
  process.stdin.destroy()
  await cache.close()
  say('closed')
})
