import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { endPasswordSteps, type Accounts } from '../domains/accounts/index.ts'
import { createEmergency, createHoldingsStore } from '../domains/emergency/index.ts'
import { createFactorStore } from '../domains/factors/index.ts'
import { createIdentityStore, type Federation } from '../domains/federation/index.ts'
import type { Keys } from '../domains/keys/index.ts'
import type { Models } from '../domains/models/index.ts'
import type { Endings, SharedRevocations } from '../domains/revocations/index.ts'
import type { DataKeyRotations } from '../domains/secrets/index.ts'
import type { SigningKeys } from '../domains/tokens/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { Secret } from '../kernel/secret.ts'
import { openingSettings } from '../policy/emergency.ts'

interface EmergencyParts {
  readonly config: Config
  readonly database: Database
  readonly clock: Clock
  readonly revocations: SharedRevocations
  readonly endings: Endings
  readonly keys: Keys
  readonly accounts: Accounts
  readonly models: Models
  readonly federation: Federation
  readonly signingKeys: SigningKeys
  readonly dataKeys: DataKeyRotations
}

/** What one command ends, from every domain that has something that an intruder could hold (SEC-11). */
export function composeEmergency({ config, database, clock, revocations, endings, keys, accounts, models, federation, signingKeys, dataKeys }: EmergencyParts) {
  const settings = secretSettings(config)
  const stored = async () => (await models.listProviders()).items.filter(({ hasCredential, origin }) => hasCredential && origin === 'stored')
  const isHooked = ({ name, heldBack }: { readonly name: string; readonly heldBack: string | null }) => heldBack === null && models.hooks.covers(name)
  return createEmergency({
    database, clock, revocations, signingKeys, dataKeys, store: createHoldingsStore(database), areLivingKeys: keys.areLiving, replaceCredentials: models.replaceCredentials, createResetLink: accounts.createResetLink, canMail: accounts.canMail,
    steps: {
      allSignIns: endings.allSignIns, allKeys: endings.allKeys,
      factors: () => [createIdentityStore(database).removeBesidePasswords(), ...createFactorStore(database).removeEverybodys()],
      passwords: (how) => endPasswordSteps(database, how),
    },
    elsewhere: async () => ({
      settings: settings.filter((path) => !openingSettings.includes(path)), opening: settings.filter((path) => openingSettings.includes(path)), recipients: config.backup.recipients,
      providers: (await stored()).filter((provider) => !isHooked(provider)).map(({ name }) => name), hooked: (await stored()).filter(isHooked).map(({ name }) => name),
      identityProviders: (await federation.listProviders()).items.filter(({ hasClientSecret, origin }) => hasClientSecret && origin === 'stored').map(({ name }) => name),
    }),
  })
}

/** The settings that hold secrets, by their paths. */
function secretSettings(value: unknown, path = ''): readonly string[] {
  if (value instanceof Secret) return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => secretSettings(each, path === '' ? name : `${path}.${name}`))
}
