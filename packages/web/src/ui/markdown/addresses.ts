export interface Address {
  /** The whole address as the browser would go to it: punycode, escapes and all. */
  readonly href: string
  readonly host: string
}

/** An address that may be offered to the reader: absolute, over http, https or mail, without hidden credentials. Null for every other text. */
export function offeredAddress(text: string): Address | null {
  const url = URL.parse(text.trim())
  if (url === null || url.username !== '' || url.password !== '') return null
  if (url.protocol === 'mailto:') return { href: url.href, host: url.pathname }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  return { href: url.href, host: url.host }
}
