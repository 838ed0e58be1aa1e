import { Pool } from 'undici'
import type * as z from 'zod'

export interface Call { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly path: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
export interface Reply { readonly status: number; readonly text: string; readonly cookies: readonly string[] }

/** One HTTP call to a server of the bench's own on loopback, as a plain client makes it. */
export const call = async (port: number, { method, path, headers, body }: Call): Promise<Reply> => {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 })
  try {
    const response = await pool.request({
      method, path,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const setCookie = response.headers['set-cookie'] ?? []
    return { status: response.statusCode, text: await response.body.text(), cookies: typeof setCookie === 'string' ? [setCookie] : setCookie }
  } finally {
    await pool.close()
  }
}

/** The same, for an answer that must be 2xx and of a known form. Throws with the server's own words otherwise. */
export const callFor = async <Schema extends z.ZodType>(port: number, request: Call, schema: Schema): Promise<{ readonly value: z.output<Schema>; readonly cookies: readonly string[] }> => {
  const reply = await call(port, request)
  if (reply.status < 200 || reply.status > 299) throw new Error(`${request.method} ${request.path} was answered ${reply.status}: ${reply.text.slice(0, 500)}`)
  return { value: schema.parse(JSON.parse(reply.text)), cookies: reply.cookies }
}
