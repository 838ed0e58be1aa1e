import { DeploymentEnvironment, IdentityProviderRequest, type IdentityProvider as ShownProvider } from '@sallyport/contract'
import * as z from 'zod'
import { toMoment } from '../../kernel/clock.ts'
import type { Secret } from '../../kernel/secret.ts'

/** A provider's settings as they are stored: without its secret, and with the origins that it may be reached at. A secret that was saved before secrets said what they are for is taken to be for what harms most where it is used by mistake. */
const Stored = IdentityProviderRequest.omit({ clientSecret: true }).extend({ hosts: z.array(z.string().max(500)).max(20), environment: DeploymentEnvironment.default('production') })
export type StoredSettings = z.output<typeof Stored>

export const parseSettings = (text: string): StoredSettings => Stored.parse(JSON.parse(text))

/** One provider with all that is known of it. */
export interface ProviderSettings extends StoredSettings {
  readonly id: string
  readonly name: string
  readonly clientSecret: Secret | null
  readonly origin: ShownProvider['origin']
  readonly createdAt: number
}

const pathOf = (name: string) => `/api/v1/session/federated/${name}`
/** Where the provider sends people back to, behind the address of this server. */
export const callbackPath = (name: string) => `${pathOf(name)}/callback`

/** A provider as administrators see it: all but its secret. */
export const toShown = ({ clientSecret, createdAt, ...settings }: ProviderSettings): ShownProvider => ({
  ...settings, hasClientSecret: clientSecret !== null, createdAt: toMoment(createdAt),
  redirectPath: callbackPath(settings.name), backChannelLogoutPath: `${pathOf(settings.name)}/back-channel-logout`,
})
