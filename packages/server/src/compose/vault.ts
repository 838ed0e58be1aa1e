import { keyVaults } from '../adapters/key-vault/index.ts'
import type { Config } from '../config/load.ts'
import { systemClock } from '../kernel/clock.ts'
import { createEgress } from '../kernel/egress.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import type { KeyVault, VaultOpening } from '../ports/key-vault.ts'

const KEYRING_SERVICE = 'sallyport'
const HOLDER = 'vault'

export interface OpenVault {
  readonly vault: KeyVault
  /** Lets go of the connections to a key service. */
  readonly close: () => Promise<void>
}

/** Opens the configured vault. It has a way out of its own, to the one host of its settings: it is needed before anything else runs, and after all else is closed. */
export async function openKind(config: Config, keyId: string | null): Promise<OpenVault> {
  const origin = serviceOf(config.vault)
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  if (origin !== null) egress.list(HOLDER, { origin, allowPrivateAddress: config.vault.allowPrivateAddress })
  try {
    return { vault: await open(config, { keyId, fetchConfigured: (request) => egress.fetchConfigured(request) }), close: () => egress.close() }
  } catch (error) {
    await egress.close()
    throw error
  }
}

/** The address of the key service; null for a vault on this machine. */
function serviceOf({ kind, address, region }: Config['vault']): URL | null {
  if (kind === 'transit') return new URL(address ?? 'https://127.0.0.1:8200')
  return kind === 'aws-kms' ? new URL(address ?? `https://kms.${region}.amazonaws.com/`) : null
}

/** The adapter's settings out of the configuration's. */
function open({ vault, keyFile, dataDirectory }: Config, opening: VaultOpening): Promise<KeyVault> {
  switch (vault.kind) {
    case 'key-file': return keyVaults['key-file'].open({ path: keyFile }, opening)
    case 'keyring': return keyVaults.keyring.open({ service: KEYRING_SERVICE, name: dataDirectory }, opening)
    case 'given-key': return keyVaults['given-key'].open({ key: vault.key })
    case 'passphrase': return keyVaults.passphrase.open({ passphrase: vault.passphrase }, opening)
    case 'transit': return keyVaults.transit.open({ address: vault.address ?? 'https://127.0.0.1:8200', token: vault.token, mount: vault.mount, key: vault.name, namespace: vault.namespace ?? null }, opening)
    case 'aws-kms': return keyVaults['aws-kms'].open({ region: vault.region, keyId: vault.name, endpoint: vault.address ?? null, accessKeyId: vault.accessKeyId, secretAccessKey: vault.secretAccessKey, sessionToken: vault.sessionToken }, opening)
  }
}
