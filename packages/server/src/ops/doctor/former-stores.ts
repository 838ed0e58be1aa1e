import { postgresPlace } from '../../compose/store.ts'
import type { FormerStore } from '../../database/former.ts'
import { listFormerSchemas } from '../../database/postgres/former.ts'
import { listFormerFolders } from '../../database/sqlite/former.ts'
import { toMoment } from '../../kernel/clock.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

const DAY_MILLISECONDS = 86_400_000

/** Which stores restores have laid aside, and until when they stay (PRI-4). */
export const checkFormerStores: Check = async ({ config, record, now }) => {
  if (record === null) return []
  const found = config.store.url.startsWith('sqlite:') ? await listFormerFolders(config.dataDirectory) : await listFormerSchemas(postgresPlace(config))
  return found.map((store) => tell(store, { now, days: config.retention.formerStoreDays }))
}

function tell({ name, laidAsideAt }: FormerStore, { now, days }: { readonly now: number; readonly days: number }): Finding {
  const until = laidAsideAt + days * DAY_MILLISECONDS
  if (laidAsideAt <= now && now < until) return good('former stores', `A restore laid the former store aside as ${name}. It is removed on ${toMoment(until)}, or by you before.`)
  const found = laidAsideAt > now ? `The former store ${name} is of a time to come (${toMoment(laidAsideAt)}).` : `The former store ${name} lies aside since ${toMoment(laidAsideAt)}, longer than ${days} days.`
  return bad('former stores', 'warning', { found, means: 'What was deleted since then is still in it, for whoever has the key-encryption key.', mend: 'Remove it: the folder in the data directory, or the schema with: drop schema NAME cascade, as its owner.' })
}
