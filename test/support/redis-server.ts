// A private redis-server on a free port, without persistence.
import { connect } from 'node:net'
import { serverBinary } from './binaries.js'
import { freePort, ServiceProcess, temporaryFolder } from './service-process.js'

export interface RedisServer {
  readonly port: number
  readonly url: string
  signal(signal: NodeJS.Signals): void
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** More of redis-server's arguments. */
  readonly arguments?: readonly string[]
}

/** Starts a private redis-server. Throws where it is not installed. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const service = await ServiceProcess.start({
    command: serverBinary('redis-server'),
    arguments: [...own, ...(options.arguments ?? [])],
    folder: temporaryFolder('redis', null),
    stopSignal: 'SIGTERM',
    ready: () => pingRedis(port),
  })
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => service.signal(signal),
    kill: () => service.kill(),
    stop: () => service.stop(),
  }
}

/** Whether a Redis at this port answers PING, be it by asking for a password. */
export function pingRedis(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      answer(/^(\+PONG|-NOAUTH)/.test(data.toString()))
    })
    socket.once('error', () => answer(false))
  })
}
