import { createHash } from 'node:crypto'
import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import type { HumanCheckDescriptor } from '../../../ports/human-check.ts'

// developers.cloudflare.com/turnstile/get-started/server-side-validation and /reference/content-security-policy
const SERVICE = 'https://challenges.cloudflare.com'
const ANSWER_BYTES = 65_536
const WAIT_MILLISECONDS = 10_000
/** A token of the widget: at most 2,048 characters that fit into a header. */
const TOKEN = /^[\x21-\x7e]{1,2048}$/

const config = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }).default(SERVICE).transform((text) => new URL(text)),
  siteKey: z.string().regex(/^[\w-]{1,100}$/),
  credential: z.instanceof(Secret),
})

const Verdict = z.object({ success: z.boolean(), action: z.string().optional(), cdata: z.string().optional(), 'error-codes': z.array(z.string()).default([]) })
/** What is the caller's doing. Every other code is about us or about the service, and says nothing about the caller. */
const robots: ReadonlySet<string> = new Set(['missing-input-response', 'invalid-input-response'])

/**
 * A service that gives the browser a token and says of the token, to whoever has the secret, what it is worth. The service learns that
 * somebody was asked, from the browser itself; the server tells it neither the address nor who it is.
 */
export const turnstile: HumanCheckDescriptor<z.output<typeof config>> = {
  id: 'turnstile',
  title: 'Turnstile',
  config,
  asks: ({ baseUrl }) => baseUrl,
  foreign: ({ baseUrl }) => ({ frames: [baseUrl.origin] }),
  create({ baseUrl, siteKey, credential }, { fetchConfigured }) {
    const ask = async (token: string): Promise<z.output<typeof Verdict>> => {
      const response = await fetchConfigured({
        url: new URL('/turnstile/v0/siteverify', baseUrl), method: 'POST', signal: AbortSignal.timeout(WAIT_MILLISECONDS), awaitsWhole: true,
        headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ secret: credential.reveal(), response: token }),
      })
      const chunks: Uint8Array[] = []
      let bytes = 0
      for await (const chunk of response.body) {
        bytes += chunk.byteLength
        if (bytes > ANSWER_BYTES) throw new Error('The answer of the human check is too long.')
        chunks.push(chunk)
      }
      // A refusal comes with 400 and its codes; nothing else but 200 is an answer.
      if (response.status !== 200 && response.status !== 400) throw new Error(`The human check answered ${response.status}.`)
      return Verdict.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    }
    return {
      offer: ({ action, bound }) => Promise.resolve({ kind: 'widget', script: new URL('/turnstile/v0/api.js?render=explicit', baseUrl).href, siteKey, action, bound }),
      async judge(token, { action, bound }) {
        if (!TOKEN.test(token)) return { outcome: 'robot' }
        try {
          const verdict = await ask(token)
          const codes = verdict['error-codes']
          // A token of another purpose, or of somebody else, is good for that and not for this.
          if (verdict.success) return verdict.action === action && verdict.cdata === bound ? { outcome: 'human', id: createHash('sha256').update(token).digest('base64url') } : { outcome: 'robot' }
          if (codes.includes('timeout-or-duplicate')) return { outcome: 'stale' }
          return codes.length > 0 && codes.every((code) => robots.has(code)) ? { outcome: 'robot' } : { outcome: 'unavailable', cause: `The human check refused: ${codes.join(', ').slice(0, 200)}` }
        } catch (cause) {
          return { outcome: 'unavailable', cause }
        }
      },
    }
  },
}
