// Whether an error of pg is one of encryption: the server has none, its certificate is refused, or the handshake failed.
import { certificateRemedy } from '../../../config/certificate-fault.js'

export const certificateRemedies = {
  trust: 'add sslrootcert=/path/of/that/file to DATABASE_URL; sslmode=no-verify there accepts any certificate',
  name: 'let DATABASE_URL name it as the certificate does; sslmode=no-verify there accepts any certificate',
}

/** Any failure of encryption. */
export function isTlsFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isWithoutTls(error) || certificateRemedy(error, certificateRemedies) !== null) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (/^(ERR_SSL|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|EPROTO)/.test(code)) return true
  return /establishing an SSL connection|before secure TLS connection/.test(error.message)
}

/** The server has answered that it encrypts nothing. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}
