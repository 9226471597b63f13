// Keeps what was logged, for tests to read.
import type { Logger } from '../../lib/log.js'

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

export interface RecordingLogger extends Logger {
  readonly lines: LoggedLine[]
}

export function recordingLogger(): RecordingLogger {
  const lines: LoggedLine[] = []
  const write = (level: LoggedLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
