import { createPublicKey, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { PublishedKey } from '@sallyport/contract'
import { calculateJwkThumbprint } from 'jose'
import * as z from 'zod'
import { WriteConflict, type Database } from '../../database/database.ts'
import { isDueAgain, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { accessTokenLife } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import { createSigningKeyStore } from './store.ts'
import type { SigningKeyRow } from './tables.ts'

const DAY_MILLISECONDS = 86_400_000
/** An unknown key id makes a process look for newer keys, at most this often. */
const RELOAD_MILLISECONDS = 1_000
/** A process signs with the key that it knows for so long; the key that was replaced is accepted for as much longer. */
const SIGN_MILLISECONDS = 60_000
const PublicJwk = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })

interface LoadedKey { readonly id: string; readonly number: number; readonly publicKey: KeyObject; readonly x: string; readonly createdAt: number; readonly endsAt: number | null }
/** The key that signs now. */
export interface Signer { readonly id: string; readonly privateKey: KeyObject }

export interface SigningKeyDeps {
  readonly database: Database
  readonly clock: Clock
  readonly serverSealer: Sealer
  readonly revocations: SharedRevocations
  readonly rotationDays: number
}

const place = (rowId: string) => ({ table: 'signing_key', rowId, column: 'private_sealed' })

/**
 * Ed25519 keys that sign access tokens (RFC 8037), the private part sealed with the server's key. The newest signs; one that was replaced
 * is published and accepted until its last token has ended (SEC-10).
 */
export function createSigningKeys({ database, clock, serverSealer, revocations, rotationDays }: SigningKeyDeps) {
  const store = createSigningKeyStore(database)
  const state: { keys: readonly LoadedKey[]; signer: Signer | null; loadedAt: number } = { keys: [], signer: null, loadedAt: Number.NEGATIVE_INFINITY }

  const load = async (): Promise<void> => {
    const at = clock.monotonic()
    const rows = await store.all()
    const [newest] = rows
    state.keys = rows.map(toLoaded)
    state.signer = newest === undefined ? null : { id: newest.id, privateKey: createPrivateKey({ key: Buffer.from(serverSealer.open(place(newest.id), newest.private_sealed), 'base64'), format: 'der', type: 'pkcs8' }) }
    state.loadedAt = at
  }
  const isLive = ({ endsAt }: LoadedKey) => endsAt === null || endsAt > clock.now()
  const isDue = () => { const [newest] = state.keys; return newest === undefined || isDueAgain(newest.createdAt, clock.now(), rotationDays * DAY_MILLISECONDS) }

  /** The next key. Where another process was first, its key is the one. */
  const rotate = async (by: Caller | null, endOld: boolean): Promise<void> => {
    await load()
    // Another process may have made it since this one looked.
    if (by === null && !isDue()) return
    const at = clock.now()
    const number = (state.keys[0]?.number ?? 0) + 1
    const pair = generateKeyPairSync('ed25519')
    const jwk = pair.publicKey.export({ format: 'jwk' })
    const id = await calculateJwkThumbprint(jwk)
    const row = {
      id, number, created_at: at, ends_at: null, public_key: JSON.stringify(jwk),
      private_sealed: serverSealer.seal(place(id), pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')),
    }
    const detail = { signingKeyId: id, endOld }
    const note = by === null ? { audit: { at, action: 'signing-key-rotated', actor: 'server', credential: 'schedule', outcome: 'allowed' as const, detail: JSON.stringify(detail) } } : auditStep(by, { at, action: 'signing-key-rotated', detail })
    const steps = [store.insert(row), store.endBefore(number, endOld ? at : at + accessTokenLife.seconds * 1_000 + 2 * SIGN_MILLISECONDS), store.removeEnded(at), note]
    try {
      if (endOld) await revocations.revoke({ kind: 'signing-key', signingKeyId: state.keys[0]?.id ?? '' }, steps)
      else await database.write(steps)
    } catch (error) {
      // Somebody who asked for an end of the old keys must have it; the schedule is content that a new key is there.
      if (!(error instanceof WriteConflict)) throw error
      if (by !== null) { await rotate(by, endOld); return }
    }
    await load()
  }
  revocations.subscribe((revoked) => { if (revoked.kind === 'signing-key') state.loadedAt = Number.NEGATIVE_INFINITY })
  const loadIfStale = async () => { if (clock.monotonic() - state.loadedAt > RELOAD_MILLISECONDS) await load() }
  return {
    rotate,
    /** The id of the key that signs; null before there is one. */
    signerId: (): string | null => state.signer?.id ?? null,
    /** Makes the first key, or the next one when its time has come. */
    async rotateIfDue(): Promise<void> {
      await load()
      if (isDue()) await rotate(null, false)
    },
    /** Throws where there is no key yet. */
    async signer(): Promise<Signer> {
      if (clock.monotonic() - state.loadedAt > SIGN_MILLISECONDS) await load()
      if (state.signer === null) throw new Error('There is no signing key.')
      return state.signer
    },
    /** The public key of an id of our own set; null for every other, and for one that has ended. */
    async publicKey(id: string): Promise<KeyObject | null> {
      if (state.loadedAt === Number.NEGATIVE_INFINITY) await load()
      if (!state.keys.some((key) => key.id === id)) await loadIfStale()
      const key = state.keys.find((candidate) => candidate.id === id)
      return key === undefined || !isLive(key) ? null : key.publicKey
    },
    /** The key set that others verify with (RFC 7517). */
    async published(): Promise<PublishedKey[]> {
      await loadIfStale()
      return state.keys.filter(isLive).map(({ id, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid: id, use: 'sig', alg: 'EdDSA' }))
    },
  }
}
export type SigningKeys = ReturnType<typeof createSigningKeys>

function toLoaded({ id, number, public_key, created_at, ends_at }: SigningKeyRow): LoadedKey {
  const jwk = PublicJwk.parse(JSON.parse(public_key))
  return { id, number, publicKey: createPublicKey({ key: jwk, format: 'jwk' }), x: jwk.x, createdAt: created_at, endsAt: ends_at }
}
