/** On every answer, errors and pre-flights included (NET-2). */
export const commonHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-XSS-Protection': '0',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Permitted-Cross-Domain-Policies': 'none',
} as const

/** For everything that is not the page: nothing in it may load or run. */
export const dataContentSecurityPolicy = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox`

/** For a page that does nothing but go on to the next: without `sandbox`, which would stop that. */
export const navigationContentSecurityPolicy = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** For the page. Styles need the nonce as well; images are our own or inline data, so that model output reaches no other host (GRD-8). */
export const pageContentSecurityPolicy = (nonce: string): string => [
  `default-src 'none'`,
  `script-src 'nonce-${nonce}' 'strict-dynamic'`,
  `style-src 'self' 'nonce-${nonce}'`,
  `img-src 'self' data: blob:`,
  `font-src 'self'`,
  `connect-src 'self'`,
  `manifest-src 'self'`,
  `worker-src 'self'`,
  `form-action 'none'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ')
