import type { Secret } from './secret.ts'

export interface AwsCredentials { readonly accessKeyId: Secret; readonly secretAccessKey: Secret; readonly sessionToken: Secret | null }
export interface AwsRequest {
  readonly service: string
  readonly region: string
  readonly url: URL
  readonly method: string
  /** Its bytes are signed. */
  readonly body: string | Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Signs a request by Signature Version 4. Gives all headers that go with it, in small letters, but for those that the connection makes. */
export async function signAws({ service, region, url, method, body, headers }: AwsRequest, { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): Promise<Readonly<Record<string, string>>> {
  // Loaded where it is used: most servers know nothing of AWS.
  const { default: { sign } } = await import('aws4')
  const signed = sign(
    { service, region, host: url.host, path: `${url.pathname}${url.search}`, method, body, headers: { ...headers } },
    { accessKeyId: accessKeyId.reveal(), secretAccessKey: secretAccessKey.reveal(), ...(sessionToken !== null && { sessionToken: sessionToken.reveal() }) },
  )
  return Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]): [string, string] => [name.toLowerCase(), String(value)]).filter(([name]) => name !== 'host' && name !== 'content-length'))
}
