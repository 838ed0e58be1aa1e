import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { permissions, type Permission } from '@sallyport/contract'
import { createLocalVault } from '../adapters/key-vault/shared/local-key.ts'
import { passageIndexes } from '../adapters/passage-index/index.ts'
import type { Database, Dialect } from '../database/database.ts'
import { openPostgres } from '../database/postgres/open.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { createKnowledge, type Knowledge, type KnowledgeCaps } from '../domains/knowledge/index.ts'
import { createKeyRing, type KeyRing } from '../domains/secrets/index.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Caller } from '../kernel/handler.ts'
import { newId } from '../kernel/ids.ts'
import { openScope } from '../kernel/scope.ts'
import type { PassageIndex } from '../ports/passage-index.ts'
import { createPostgresDatabase } from './postgres.ts'
import { keepable } from '../turn/as-kept.ts'

export interface OpenKnowledge extends AsyncDisposable {
  readonly knowledge: Knowledge
  readonly database: Database
  readonly keyRing: KeyRing
  readonly index: PassageIndex
  /** Where SQLite keeps its files. */
  readonly directory: string
  /** A caller with an account and data key of their own. */
  newCaller(allowed?: readonly Permission[]): Promise<Caller>
}

export interface KnowledgeOptions { readonly pageEncryption?: boolean; readonly clock?: Clock; readonly caps?: Partial<KnowledgeCaps>; /** In place of the guard. */ readonly inspect?: typeof keepable }
const wideCaps: KnowledgeCaps = { mine: { documents: 10_000, bytes: 1e9 }, shared: { documents: 10_000, bytes: 1e9 }, atOnce: 100 }

/** The knowledge over a real, empty store. Without page encryption where a test shows what sealing alone hides. */
export async function openKnowledge(dialect: Dialect, { pageEncryption = true, clock = systemClock, caps = {}, inspect = keepable }: KnowledgeOptions = {}): Promise<OpenKnowledge> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-knowledge-'))
  const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
  const database = postgres === null ? await openSqlite({ path: join(directory, 'store.db'), pageKey: pageEncryption ? randomBytes(32) : null }) : await openPostgres({ url: postgres.url })
  const keyRing = createKeyRing(database, createLocalVault(randomBytes(32)), clock)
  const index = passageIndexes[dialect].create(database.read)
  return {
    database, keyRing, index, directory,
    knowledge: createKnowledge({ database, keyRing, index, keepable: inspect, clock, caps: { ...wideCaps, ...caps } }),
    async newCaller(allowed = permissions) {
      const accountId = newId('account', systemClock.now())
      await database.write([(await keyRing.create(accountId)).step])
      return { scope: openScope(accountId), role: 'member', permissions: new Set(allowed), credential: { kind: 'session', id: 'test' }, sessionId: null, authenticatedAt: Number.MAX_SAFE_INTEGER, secondFactorAt: null, hasSecondFactor: false, pending: null, userAgent: 'test', deviceToken: null, isCheckedHuman: false, keyId: null, restriction: null, address: '127.0.0.1', expiresAt: Number.MAX_SAFE_INTEGER }
    },
    async [Symbol.asyncDispose]() {
      await database.close()
      await postgres?.[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
