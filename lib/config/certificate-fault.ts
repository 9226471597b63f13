// The faults of a server's certificate, by the codes of Node's TLS, and the remedy for each.

export interface CertificateRemedies {
  /** How to trust this certificate, besides NODE_EXTRA_CA_CERTS. */
  readonly trust: string
  /** How to name the host as the certificate does. */
  readonly name: string
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_CA',
  'INVALID_PURPOSE',
])

/** The remedy for a refused certificate; null for every other error. */
export function certificateRemedy(error: unknown, { trust, name }: CertificateRemedies): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (untrusted.has(code)) {
    return `its certificate is not trusted: let NODE_EXTRA_CA_CERTS name the file of its authority before Node starts, or ${trust}`
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `its certificate is for another host: ${name}`
  }
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired and must be renewed'
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet: one of the two clocks is wrong'
  return null
}
