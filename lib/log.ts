// The logger's contract, the default logger and the record of a change. The default logger is pino, loaded at the first line,
// so that importing the package stays cheap.

import { escapeJson } from './text/printable.js'

/** The levels of lines. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The level of a logger, from which on it writes lines; with `silent` it writes none. */
export type LogThreshold = LogLevel | 'silent'

/** The order of the levels: a logger drops lines of a lower rank than its level's. */
export const levelRanks: Readonly<Record<LogThreshold, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

/** Names that other loggers have for these levels. No line is worse than an error, so `fatal` writes none. */
const synonyms: Readonly<Record<string, LogThreshold>> = {
  trace: 'debug',
  verbose: 'debug',
  all: 'debug',
  warning: 'warn',
  fatal: 'silent',
  off: 'silent',
  none: 'silent',
}

/** The level that a text names, in any case and with blanks around it; null if it names none. */
export function parseLogLevel(text: string): LogThreshold | null {
  const name = text.trim().toLowerCase()
  if (Object.hasOwn(synonyms, name)) return synonyms[name] ?? null
  return isThreshold(name) ? name : null
}

function isThreshold(name: string): name is LogThreshold {
  return Object.hasOwn(levelRanks, name)
}

/** The methods that Sluice needs of a logger; pino's and Fastify's loggers fit as they are. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** One change as it is logged: GitLab's `features_json` fields, plus author, reason and source. */
export interface ChangeRecord {
  /** The flag; absent for a change of several. */
  readonly key?: string
  /** The first of several flags, and how many there are. */
  readonly keys?: readonly string[]
  readonly flags?: number
  readonly action: string
  /** The actor or group; absent for a change of none or of several. */
  readonly 'extra.thing'?: string
  /** The first of several actors and groups, and how many there are. */
  readonly 'extra.things'?: readonly string[]
  readonly 'extra.count'?: number
  readonly 'extra.percentage'?: number
  readonly author: string
  readonly reason?: string
  readonly source: string
  readonly changeId: string
}

/** Logs one change at info level (GitLab: `Feature.log`). */
export function logChange(logger: Logger, record: ChangeRecord): void {
  logger.info(record, `feature flag ${record.action}`)
}

/** A logger that drops everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Pino escapes C0 only, and people read logs on terminals. A program that parses the line reads the same values. */
function printableLinesTo(destination: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write: (line) => {
      destination.write(escapeJson(line))
    },
  }
}

/** JSON lines as pino's, without pino: what kept it from loading comes first. */
function bareLogger(level: LogLevel, reason: unknown): Logger {
  const lines = printableLinesTo(process.stderr)
  const write = (at: LogLevel) => (fields: object, msg: string) => {
    if (levelRanks[at] < levelRanks[level]) return
    lines.write(
      `${JSON.stringify({ level: 20 + 10 * levelRanks[at], time: Date.now(), name: 'sluice', ...fields, msg })}\n`,
    )
  }
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  logger.warn({ error: String(reason) }, 'feature flags: pino cannot be loaded, so these lines are written without it')
  return logger
}

/** The default logger: JSON lines through pino on stderr, loaded at the first line that passes `level`. */
export function defaultLogger(level: LogThreshold): Logger {
  if (level === 'silent') return silentLogger
  let loading: Promise<Logger> | undefined
  let loaded: Logger | undefined
  const load = async (): Promise<Logger> => {
    const { pino } = await import('pino')
    loaded = pino(
      {
        level,
        base: { name: 'sluice' },
        redact: { paths: ['authorization', 'cookie', '*.password'], censor: '[hidden]' },
      },
      printableLinesTo(pino.destination({ fd: 2, sync: true })),
    )
    return loaded
  }
  const write = (at: LogLevel) => (fields: object, message: string) => {
    if (levelRanks[at] < levelRanks[level]) return
    if (loaded) return loaded[at](fields, message)
    // In a bundle that is an ES module pino may not load: flags must not end the process over a line of log.
    loading ??= load().catch((error: unknown) => bareLogger(level, error))
    void loading.then((logger) => logger[at](fields, message))
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
