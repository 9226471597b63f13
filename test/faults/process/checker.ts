// A process that asks flags all the time while faults happen around it, and obeys commands of a test.
import { constants, setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import pg from 'pg'
import { FeatureError } from '../../../lib/errors.js'
import type { FeatureFlags } from '../../../lib/feature/feature.js'
import { type Logger, silentLogger } from '../../../lib/log.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
// What start() imports is there before the barrier that a thousand boots wait at.
import '../../../lib/cache/redis/cache.js'
import '../../../lib/store/postgres/store.js'
import { writeDisk } from '../../../lib/replica/disk/disk.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { storedItems } from '../../../lib/replica/snapshot.js'
import { digestOf } from '../../../lib/state/digest.js'
import { CheckLoop } from './check-loop.js'
import type { Answer, Answers, Command, Expected, Look, SentOptions } from './messages.js'
import { WriteLoad } from './write-load.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const loop = new CheckLoop()
let instances: readonly Instance[] = []
let load: WriteLoad | null = null
const warned = new Map<string, number>()
const warn = (_: object, message: string) => void warned.set(message, 1 + (warned.get(message) ?? 0))
const logger: Logger = { ...silentLogger, warn, error: warn }

function say(answer: Answer): void {
  process.send?.(answer)
}

function first(): FeatureFlags {
  const [instance] = instances
  if (instance === undefined) throw new Error('not started')
  return instance.feature
}

async function start(options: SentOptions, copies: number): Promise<number> {
  // A crowd on one machine takes the processors that the servers have to themselves elsewhere: it gives way to them.
  if (copies > 1) setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const before = performance.now()
  instances = Array.from({ length: copies }, () =>
    createInstance({
      ...options,
      env: 'production',
      logger,
      limits: { actorsPerFlag: 10_000_000, snapshotBytes: 1_000_000_000 },
    }),
  )
  await Promise.all(instances.map(({ feature }) => feature.start()))
  return performance.now() - before
}

function ask(expected: readonly Expected[]): void {
  loop.stop()
  if (expected.length === 0) return
  loop.start(
    instances.map(({ feature }) => feature),
    expected,
  )
}

function look(): Look {
  return {
    checks: loop.checks,
    threw: loop.threw,
    wrong: loop.wrong,
    unhandled: loop.unhandled.slice(0, 10),
    ...loop.percentiles(),
    warned: [...warned.keys()],
    warnedTimes: Object.fromEntries(warned),
    statuses: instances.map(({ feature }) => feature.status()),
    counts: first().counts(),
  }
}

async function digests(): Promise<Answers['digest']> {
  return Promise.all(
    instances.map(async ({ snapshot }) => ({
      version: snapshot.position?.version ?? null,
      nonce: snapshot.position?.nonce ?? null,
      digest: await digestOf(storedItems(snapshot)),
    })),
  )
}

async function enable(flag: string, actor: string, wait: boolean): Promise<Answers['enable']> {
  const before = performance.now()
  let code: string | null = null
  let confirmed: number | null = null
  const onConfirmed = (processes: number) => {
    confirmed = processes
  }
  try {
    await first().enable(flag, { flipperId: actor }, { wait, onConfirmed })
  } catch (error) {
    code = error instanceof FeatureError ? error.code : `untyped: ${String(error)}`
  }
  return { ms: performance.now() - before, code, confirmed }
}

async function stop(): Promise<void> {
  loop.stop()
  const ending = load?.end()
  await Promise.all(instances.map(({ feature }) => feature.stop()))
  await ending
}

async function keepOnDisk(path: string, flags: number): Promise<never> {
  for (let version = 1; ; version++) {
    const position = { version: String(version), nonce: '00000000-0000-4000-8000-000000000000' }
    const gates = new Map([['actors', [`User:${version}`]]])
    const stored = Array.from({ length: flags }, (_, index) => ({ key: `flag_${index}`, gates }))
    const state = { address: 'kept', position, identity: null, digest: null, inRecovery: false, items: stored }
    await writeDisk(path, state, makeSealer(null))
    say({ acknowledged: version })
  }
}

async function obey(command: Command): Promise<Answers[keyof Answers]> {
  switch (command.do) {
    case 'start': {
      const readyMs = await start(command.options, command.copies)
      ask(command.expected)
      return { readyMs }
    }
    case 'expect':
      ask(command.expected)
      return null
    case 'look':
      return look()
    case 'measure':
      loop.measure()
      return null
    case 'statuses':
      return instances.map(({ feature }) => feature.status())
    case 'weigh':
      collectGarbage()
      return process.memoryUsage().heapUsed / 1_048_576
    case 'digest':
      return digests()
    case 'ask': {
      const actor = command.actor === null ? null : { flipperId: command.actor }
      return instances.map(({ feature }) => feature.enabled(command.flag, actor))
    }
    case 'enable':
      return enable(command.flag, command.actor, command.wait)
    case 'load':
      load = new WriteLoad(first(), command.from, (acknowledged) => say({ acknowledged }))
      load.start(command.flags, command.spacingMs)
      return null
    case 'unload':
      if (load === null) throw new Error('no load was begun')
      return load.end()
    case 'block': {
      const end = performance.now() + command.ms
      while (performance.now() < end); // The fault itself: nothing else runs meanwhile.
      return null
    }
    case 'undefend': {
      // Neither the pool nor a connection hears of errors.
      for (const prototype of [pg.Pool.prototype, pg.Client.prototype]) {
        const { on } = prototype
        Object.assign(prototype, {
          on(this: object, event: string, ...rest: unknown[]) {
            return event === 'error' ? this : Reflect.apply(on, this, [event, ...rest])
          },
        })
      }
      return null
    }
    case 'shift': {
      const now = Date.now
      Date.now = () => now() + command.ms
      return null
    }
    case 'keep':
      void keepOnDisk(command.path, command.flags)
      return null
    case 'stop':
      await stop()
      return null
  }
}

process.on('message', ({ id, command }: { id: number; command: Command }) => {
  obey(command).then(
    (value) => say({ id, value }),
    (error: unknown) => say({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
// The parent is gone: nobody is left to check for.
const onDisconnect = () => process.exit(1)
process.on('disconnect', onDisconnect)
process.once('SIGTERM', () => {
  stop().then(
    () => {
      // From here on nothing may keep the process alive: it ends by itself.
      process.off('disconnect', onDisconnect)
      process.disconnect()
    },
    () => process.exit(1),
  )
})
