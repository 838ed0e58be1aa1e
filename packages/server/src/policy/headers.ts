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

/** For a page that does nothing but go on to the next, and for scripts, of which workers go by this: without `sandbox`, which would stop either. */
export const navigationContentSecurityPolicy = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** What the page shows from elsewhere, where an administrator chose a human check of another service. */
export interface Foreign { readonly frames: readonly string[] }

/** The page's own headers. Another service's frames send no `Cross-Origin-Embedder-Policy`, so the page cannot ask for one where there are any. */
export const pageHeaders = (nonce: string, foreign: Foreign): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': pageContentSecurityPolicy(nonce, foreign),
  ...(foreign.frames.length > 0 && { 'Cross-Origin-Embedder-Policy': 'unsafe-none' }),
})

/** For the page. One policy of Trusted Types is allowed, by which the page starts its worker and the script of a human check. Styles need the nonce as well; images are our own or inline data, so that model output reaches no other host (GRD-8). */
const pageContentSecurityPolicy = (nonce: string, { frames }: Foreign): string => [
  `default-src 'none'`,
  `script-src 'nonce-${nonce}' 'strict-dynamic'`,
  `style-src 'self' 'nonce-${nonce}'`,
  `img-src 'self' data: blob:`,
  `font-src 'self'`,
  `connect-src 'self'`,
  `manifest-src 'self'`,
  `worker-src 'self'`,
  ...(frames.length > 0 ? [`frame-src ${frames.join(' ')}`] : []),
  `form-action 'none'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types sallyport-scripts`,
].join('; ')
