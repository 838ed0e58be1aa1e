import type { DeploymentEnvironment } from '@sallyport/contract'
import { ProblemError } from '../../kernel/problem.ts'
import { ProviderFailure } from '../../ports/model-provider.ts'
import type { ResilientProvider } from './resilient.ts'

/** A key and what it was added for; absent where there is no key, and where the configuration brings it. */
export interface BoundKey { readonly credentialEnvironment?: DeploymentEnvironment }

/** What a key is for, where the server is for something else; null where it may be used. A copy of a store, such as a backup, holds the keys of where it came from (SEC-9). */
export const heldBackFor = ({ credentialEnvironment: bound }: BoundKey, environment: DeploymentEnvironment): DeploymentEnvironment | null =>
  (bound === undefined || bound === environment ? null : bound)

/** What is said of a provider whose key is not this server's to use. */
export const heldBackProblem = (name: string, bound: DeploymentEnvironment, environment: DeploymentEnvironment) =>
  new ProblemError('conflict', { detail: `The key of ${name} is for ${bound}, and this server is for ${environment}. Add a key for ${environment} to it, under Providers.` })

/** Refuses a key that somebody says is for another environment, before it is tried anywhere. Throws `invalid-request`. */
export function requireEnvironment(given: DeploymentEnvironment | undefined, environment: DeploymentEnvironment): void {
  if (given === undefined || given === environment) return
  const detail = `This server is for ${environment}, so a key for ${given} is not taken. Add it to the server that is for ${given}.`
  throw new ProblemError('invalid-request', { detail: `environment: ${detail}`, members: { errors: [{ pointer: '/environment', detail }] } })
}

/** A provider that makes no call, whoever asks: the last of the gates, behind the lists that leave it out. */
export function holdBack(provider: ResilientProvider): ResilientProvider {
  const refuse = (): never => { throw new ProviderFailure('unavailable', 'The key is for another environment.') }
  return { health: () => provider.health(), listModels: () => Promise.reject(new ProviderFailure('unavailable', 'The key is for another environment.')), stream: refuse }
}
