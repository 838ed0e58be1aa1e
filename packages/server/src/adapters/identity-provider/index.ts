import type { IdentityProviderDescriptor } from '../../ports/identity-provider.ts'
import { oauth2 } from './oauth2/index.ts'
import { openIdConnect } from './openid-connect/index.ts'

/** Every kind of identity provider. Add one: make a folder, add a line. */
export const identityProviders: readonly IdentityProviderDescriptor[] = [openIdConnect, oauth2]
