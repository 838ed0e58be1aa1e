import type { PasskeyAssertion, PasskeyAttestation, PasskeyCreation, PasskeyRequestOptions } from '@sallyport/contract'
import { PageProblem } from './problem.ts'

/** True where the browser can make and use passkeys with options in JSON (WebAuthn level 3). */
export const knowsPasskeys = (): boolean => typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential

const refused = (detail: string): PageProblem => new PageProblem({ code: 'passkey-refused', title: 'No passkey was used', detail }, null)

/** The browser's own failures in plain words. A person who closes the browser's question gets the same name as one who ran out of time. */
async function withWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    if (error.name === 'InvalidStateError') throw refused('This device has a passkey for this account already.')
    if (error.name === 'SecurityError') throw refused(`Passkeys do not work at ${location.hostname}. Open the page under a host name over https, or as http://localhost.`)
    throw refused('The browser closed the question, or the time ran out. Try again.')
  }
}

const asKey = (credential: Credential | null): PublicKeyCredential => {
  if (credential instanceof PublicKeyCredential) return credential
  throw refused('The browser gave no passkey. Try again.')
}

/** Asks the browser to make a passkey, and gives what the server needs to know of it. */
export const makePasskey = (options: PasskeyCreation): Promise<PasskeyAttestation> => withWords(async () => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...options, authenticatorSelection: { ...options.authenticatorSelection }, excludeCredentials: [...options.excludeCredentials], pubKeyCredParams: [...options.pubKeyCredParams] })
  return asKey(await navigator.credentials.create({ publicKey })).toJSON() as PasskeyAttestation
})

/** Asks the browser to prove a passkey. */
export const provePasskey = (options: PasskeyRequestOptions): Promise<PasskeyAssertion> => withWords(async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...options, allowCredentials: [...options.allowCredentials] })
  return asKey(await navigator.credentials.get({ publicKey })).toJSON() as PasskeyAssertion
})
