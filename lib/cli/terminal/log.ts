// The logger of commands on a terminal: lines for people, on stderr. A command reports its own changes, so `info` is silent.
import { readEnvironment } from '../../config/environment.js'
import { levelRanks, type Logger, type LogLevel } from '../../log.js'
import type { Io } from './io.js'
import { note } from './output.js'

/** Logs lines from `warn` on, or from FEATURE_LOG_LEVEL. Throws ConfigurationError for an unknown level. */
export function terminalLogger(io: Io): Logger {
  const level = readEnvironment(io.env).logLevel ?? 'warn'
  const write = (at: LogLevel, label: string) => (fields: object, message: string) => {
    if (levelRanks[at] < levelRanks[level]) return
    const details = Object.entries(fields).filter(
      ([, value]) =>
        typeof value !== 'object' && value !== undefined && !(typeof value === 'string' && message.includes(value)),
    )
    const rest = details.map(([key, value]) => `${key}: ${String(value)}`).join(', ')
    note(io, `${label}: ${message}${rest === '' ? '' : ` (${rest})`}`)
  }
  return {
    debug: write('debug', 'debug'),
    info: write('info', 'info'),
    warn: write('warn', 'warning'),
    error: write('error', 'error'),
  }
}
