// What to do about a database that cannot be reached or does not let this process in.
import type { DatabaseError } from 'pg'
import { certificateRemedy } from '../../../config/certificate-fault.js'
import { certificateRemedies, isTlsFault, isWithoutTls } from './tls-fault.js'

/** For a failure of the network, of encryption, or of pg itself. */
export function reachRemedy(error: Error, place: string): string {
  const certificate = certificateRemedy(error, certificateRemedies)
  if (certificate !== null) return certificate
  if (isWithoutTls(error)) {
    return 'write sslmode=disable or sslmode=prefer in DATABASE_URL, or turn TLS on at the server'
  }
  if (isTlsFault(error)) return 'check that the server speaks TLS there, and sslmode in DATABASE_URL'
  if (/client password must be a (?:non-empty )?string/.test(error.message)) {
    return 'the server asks for a password: give it in DATABASE_URL, or set PGPASSWORD'
  }
  const code = 'code' in error ? error.code : ''
  if (place.startsWith('/')) {
    const port = /:(\d+)\//.exec(place)?.[1] ?? '5432'
    if (code === 'ENOENT')
      return `check that host names the folder that holds .s.PGSQL.${port}, the socket of the server`
    if (code === 'EACCES') return 'let the user of this process open the socket of the server'
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'correct the host in DATABASE_URL, or see to its name in DNS'
  return 'check DATABASE_URL and the server'
}

/** For a server that answers, and refuses the connection. */
export function loginRemedy({ code = '', message }: DatabaseError): string {
  if (code === '28P01') return 'correct user and password in DATABASE_URL'
  if (code === '3D000') return 'create the database, or correct its name in DATABASE_URL'
  if (code === '28000' && /no pg_hba\.conf entry/.test(message)) {
    const plain = /no encryption|SSL off/.test(message)
    return plain
      ? 'the server may ask for TLS: write sslmode=verify-full in DATABASE_URL, with sslrootcert for an authority of its own, or sslmode=no-verify for any certificate; otherwise let its pg_hba.conf allow this connection'
      : 'let pg_hba.conf of the server allow this user, database and address'
  }
  if (code === '28000') return 'correct the user in DATABASE_URL, or let the server allow its login'
  if (/unsupported startup parameter/.test(message)) {
    return 'a pooler is in between: take that parameter out of DATABASE_URL and set it at the role (alter role … set …), or let the pooler ignore it'
  }
  return 'look at the server, and try again'
}
