// A process of its own that uses the embedded store; it obeys lines on stdin and answers each with lines on stdout:
//   open ROOT      opened owner|client
//   write FROM TO  wrote N, for each acknowledged write (an actor `User:N` of the flag `numbers`), then done
//   hold           holding: a transaction is begun and left open
//   close          closed
// When stdin ends it says `left N`, N timers that would keep it alive, and ends by itself.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { silentLogger } from '../../lib/log.js'
import { EmbeddedStore } from '../../lib/store/embedded.js'
import { changeOf } from '../support/change.js'

/** At once, also when the process is killed right after it. */
const say = (text: string) => writeSync(1, `${text}\n`)

let root = ''
let store: EmbeddedStore | null = null

async function obey(command: string, values: readonly string[]): Promise<void> {
  switch (command) {
    case 'open':
      root = values[0] ?? ''
      store = new EmbeddedStore({
        root,
        tables: { features: 'features', gates: 'feature_gates' },
        logger: silentLogger,
      })
      await store.open()
      say(`opened ${store.owning ? 'owner' : 'client'}`)
      return
    case 'write':
      for (let n = Number(values[0]); n <= Number(values[1]); n++) {
        const operation = { kind: 'add', gate: 'actors', values: [`User:${n}`] } as const
        await store?.apply(changeOf({ feature: 'numbers', operation }))
        say(`wrote ${n}`)
      }
      say('done')
      return
    case 'hold': {
      const client = new Client({ host: join(root, '.feature', 'postgres'), user: 'postgres', database: 'postgres' })
      await client.connect()
      await client.query('begin')
      say('holding')
      return
    }
    case 'close':
      await store?.close()
      store = null
      say('closed')
  }
}

const lines = createInterface({ input: process.stdin })
for await (const line of lines) {
  const [command = '', ...values] = line.split(' ')
  try {
    await obey(command, values)
  } catch (error) {
    say(`failed ${error instanceof Error ? error.message : String(error)}`)
  }
}
say(`left ${process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length}`)
