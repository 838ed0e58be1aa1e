import { sql, type CompiledQuery, type Insertable, type RawBuilder } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { ROOT_VERSION } from '../../kernel/seal.ts'
import type { KeyRotationRunTable, KeyRotationTable } from './tables.ts'

type Stage = KeyRotationTable['stage']

/** Rotations, how far they are, and the versions that they make. */
export function createRotationStore(database: Database) {
  const { read } = database
  const step = (query: { compile(): CompiledQuery }, expectRows?: number): WriteStep => ({ query: query.compile(), ...(expectRows !== undefined && { expectRows }) })
  const raw = (query: RawBuilder<unknown>, expectRows?: number): WriteStep => ({ query: query.compile(read), ...(expectRows !== undefined && { expectRows }) })

  return {
    rotations: (stage: Stage, limit: number) => read.selectFrom('key_rotation').selectAll().where('stage', '=', stage).orderBy('owner_id').limit(limit).execute(),
    insertRun: (row: KeyRotationRunTable) => step(read.insertInto('key_rotation_run').values(row)),
    /** Plans the rotation of one owner, or of everybody who has a key. Those whose rotation is under way already go on with that one. */
    plan: (runId: string, owner: string | null, at: number) => raw(sql`insert into key_rotation (owner_id, run_id, stage, version, position, after_row, steps, at)
      select distinct owner_id, cast(${runId} as text), 'planned', 0, 0, '', 0, cast(${at} as bigint) from data_key
      where ${owner === null ? sql`1 = 1` : sql`owner_id = ${owner}`} and owner_id not in (select owner_id from key_rotation)`),
    /** Plans all rotations that are under way or settle once more, from their beginning: what is at work on one of them finds its step taken. */
    planAgain: (runId: string, at: number) => step(read.updateTable('key_rotation').set((row) => ({ run_id: runId, stage: 'planned', version: 0, position: 0, after_row: '', steps: row('steps', '+', 1), at }))),
    countOwners: (runId: string) => raw(sql`update key_rotation_run set owners = (select count(*) from key_rotation where run_id = ${runId}) where id = ${runId}`),
    /** Owners with several versions in use and no rotation under way: a restore brings such, and so does a store whose rotation was forgotten. */
    adoptable: (limit: number) => read.selectFrom('data_key as key').leftJoin('data_key_stage as stage', (join) => join.onRef('stage.owner_id', '=', 'key.owner_id').onRef('stage.version', '=', 'key.version'))
      .where('stage.stage', 'is', null).where('key.version', '>', ROOT_VERSION).where('key.owner_id', 'not in', read.selectFrom('key_rotation').select('owner_id'))
      .groupBy('key.owner_id').having(({ fn }) => fn.countAll(), '>', 1).select(({ fn }) => ['key.owner_id as owner', fn.max('key.version').as('version')]).limit(limit).execute(),
    rotationOf: (owner: string) => read.selectFrom('key_rotation').selectAll().where('owner_id', '=', owner).executeTakeFirst(),
    /** How many of those that are meant have no rotation under way, and so can begin one. */
    countFree: async (owner: string | null) => {
      const free = read.selectFrom('data_key').select(({ fn }) => fn.count<number>('owner_id').distinct().as('owners')).where('owner_id', 'not in', read.selectFrom('key_rotation').select('owner_id'))
      return (await (owner === null ? free : free.where('owner_id', '=', owner)).executeTakeFirstOrThrow()).owners
    },
    /** When the last of those that settle began to; null where none does. */
    settlingSince: async () => (await read.selectFrom('key_rotation').select(({ fn }) => fn.max('at').as('at')).where('stage', '=', 'settling').executeTakeFirst())?.at ?? null,
    insertRotation: (row: Insertable<KeyRotationTable>) => step(read.insertInto('key_rotation').values(row)),
    /** The next step of a rotation. Throws `WriteConflict` in its batch when another process has taken it, or the owner was erased. */
    advance: ({ owner_id, steps, stage }: KeyRotationTable, change: Partial<Omit<KeyRotationTable, 'owner_id' | 'steps'>>) =>
      step(read.updateTable('key_rotation').set({ ...change, steps: steps + 1 }).where('owner_id', '=', owner_id).where('stage', '=', stage).where('steps', '=', steps), 1),
    dropRotation: (owner: string) => step(read.deleteFrom('key_rotation').where('owner_id', '=', owner)),
    note: (runId: string, { values = 0, broken = 0, owners = 0 }: { readonly values?: number; readonly broken?: number; readonly owners?: number }) =>
      step(read.updateTable('key_rotation_run').set((row) => ({ values_done: row('values_done', '+', values), values_broken: row('values_broken', '+', broken), owners_done: row('owners_done', '+', owners) })).where('id', '=', runId)),
    /** Ends a run of which nothing is left to be sealed anew. */
    endRun: (runId: string, at: number) => step(read.updateTable('key_rotation_run').set({ ended_at: at }).where('id', '=', runId).where('ended_at', 'is', null), 1),
    openRuns: () => read.selectFrom('key_rotation_run as run').where('run.ended_at', 'is', null)
      .where('run.id', 'not in', read.selectFrom('key_rotation').select('run_id').where('stage', '<>', 'settling')).selectAll().execute(),
    /** When the newest version of an owner's key was made. */
    madeAt: async (owner: string) => (await read.selectFrom('data_key').select('created_at').where('owner_id', '=', owner).orderBy('version', 'desc').limit(1).executeTakeFirst())?.created_at ?? null,
    lastRun: () => read.selectFrom('key_rotation_run').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst(),
    async counts() {
      const stages = await read.selectFrom('key_rotation').select(({ fn }) => ['stage', fn.countAll<number>().as('owners')]).groupBy('stage').execute()
      const versions = await read.selectFrom('data_key as key').leftJoin('data_key_stage as stage', (join) => join.onRef('stage.owner_id', '=', 'key.owner_id').onRef('stage.version', '=', 'key.version'))
        .where('key.version', '>', ROOT_VERSION).select(({ fn }) => ['stage.stage as stage', fn.countAll<number>().as('versions')]).groupBy('stage.stage').execute()
      return {
        owners: (stage: Stage) => stages.find((row) => row.stage === stage)?.owners ?? 0,
        versions: (isRetired: boolean) => versions.filter(({ stage }) => (stage === 'retired') === isRetired).reduce((sum, row) => sum + row.versions, 0),
      }
    },
    /** Holds the newest version of an owner's key for the rest of the batch: an owner that was erased meanwhile has none, and undoes it. */
    holdKey: (owner: string, version: number) => step(read.updateTable('data_key').set((row) => ({ version: row.ref('version') })).where('owner_id', '=', owner).where('version', '=', version), 1),
    insertKey: (row: { readonly owner_id: string; readonly version: number; readonly wrapped: Uint8Array; readonly created_at: number }) => step(read.insertInto('data_key').values(row)),
    putStage: (owner: string, version: number, { stage, at }: { readonly stage: 'known' | 'needed' | 'retired'; readonly at: number }) => step(read.insertInto('data_key_stage').values({ owner_id: owner, version, stage, at })),
    dropStage: (owner: string, version: number) => step(read.deleteFrom('data_key_stage').where('owner_id', '=', owner).where('version', '=', version)),
    versions: (owner: string) => read.selectFrom('data_key as key').leftJoin('data_key_stage as stage', (join) => join.onRef('stage.owner_id', '=', 'key.owner_id').onRef('stage.version', '=', 'key.version'))
      .where('key.owner_id', '=', owner).select(['key.version as version', 'stage.stage as stage']).orderBy('key.version').execute(),
    retired: (before: number, limit: number) => read.selectFrom('data_key_stage').select(['owner_id', 'version', 'at']).where('stage', '=', 'retired').where('at', '<', before).orderBy('at').limit(limit).execute(),
    retiredAfter: (after: number, limit: number) => read.selectFrom('data_key_stage').select(['owner_id', 'version', 'at']).where('stage', '=', 'retired').where('at', '>', after).orderBy('at', 'desc').limit(limit).execute(),
    removeKey: (owner: string, version: number) => step(read.deleteFrom('data_key').where('owner_id', '=', owner).where('version', '=', version)),
  }
}
export type RotationStore = ReturnType<typeof createRotationStore>
