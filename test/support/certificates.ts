// An authority of the tests' own, and a certificate that it has signed for this machine.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverBinary } from './binaries.js'
import { temporaryFolder, unprivilegedAccount } from './service-process.js'

export interface Certificates {
  /** The file of the authority: who trusts it trusts the server. */
  readonly authority: string
  readonly keyFile: string
  readonly certificateFile: string
  /** The same as text. */
  readonly key: string
  readonly certificate: string
  remove(): void
}

/** Makes them with openssl, in a folder that PostgreSQL may read. */
export function makeCertificates(): Certificates {
  const account = unprivilegedAccount()
  const folder = temporaryFolder('certificates', account)
  const file = (name: string) => join(folder, name)
  const openssl = (...values: string[]) => execFileSync(serverBinary('openssl'), values, { stdio: 'pipe' })
  const keyed = ['-newkey', 'rsa:2048', '-nodes']
  const authority = file('authority.pem')
  openssl('req', '-x509', ...keyed, '-days', '2', '-subj', '/CN=authority', '-keyout', file('a.key'), '-out', authority)
  openssl('req', ...keyed, '-subj', '/CN=localhost', '-keyout', file('key.pem'), '-out', file('request.pem'))
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signed = ['-in', file('request.pem'), '-out', file('certificate.pem'), '-extfile', file('names')]
  openssl('x509', '-req', ...signed, '-CA', authority, '-CAkey', file('a.key'), '-CAcreateserial', '-days', '2')
  // PostgreSQL refuses a key that others may read.
  chmodSync(file('key.pem'), 0o600)
  if (account !== null) chownSync(file('key.pem'), account.uid, account.gid)
  return {
    authority,
    keyFile: file('key.pem'),
    certificateFile: file('certificate.pem'),
    key: readFileSync(file('key.pem'), 'utf8'),
    certificate: readFileSync(file('certificate.pem'), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
