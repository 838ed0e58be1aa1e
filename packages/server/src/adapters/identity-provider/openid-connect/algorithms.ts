/** Signatures with a key pair, from strong to strong. `none` is no signature, and with HS256 the client's secret would be the key of both sides (RFC 8725, section 3.1). */
const SAFE = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const

/** Those that the provider says it uses, and are safe. A provider that does not say uses RS256 (OpenID Connect Core 1.0, section 15.1). */
export const signatureAlgorithms = (supported: readonly string[] | undefined): readonly string[] =>
  SAFE.filter((algorithm) => (supported ?? ['RS256']).includes(algorithm))
