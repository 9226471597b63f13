// What the bench uses of Unleash's server. It is installed by the part "unleash" alone, and the compiler has to read the bench
// without it.

declare module 'unleash-server' {
  export function start(options: {
    readonly databaseUrl: string
    readonly db: { readonly ssl: boolean }
    readonly versionCheck: { readonly enable: boolean }
    readonly telemetry: boolean
    readonly logLevel: 'fatal'
    readonly server: { readonly host: string; readonly port: number; readonly keepAliveTimeout: number }
  }): Promise<{ readonly server?: import('node:http').Server }>
}
