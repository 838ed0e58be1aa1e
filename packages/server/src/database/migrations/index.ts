import type { Migration } from 'kysely/migration'
import { columnsOf } from '../columns.ts'
import type { Dialect } from '../database.ts'
import { foundation } from './0001-foundation.ts'
import { knowledge } from './0002-knowledge.ts'
import { backups } from './0003-backups.ts'
import { accounts } from './0004-accounts.ts'
import { sessions } from './0005-sessions.ts'
import { factors } from './0006-factors.ts'
import { federation } from './0007-federation.ts'
import { keys } from './0008-keys.ts'
import { privacy } from './0011-privacy.ts'
import { limits } from './0012-limits.ts'
import { messageSearch } from './0013-message-search.ts'
import { budgets } from './0014-budgets.ts'
import { providerCredentials } from './0015-provider-credentials.ts'
import { penalties } from './0016-penalties.ts'
import { exportReach } from './0017-export-reach.ts'
import { alerts } from './0018-alerts.ts'
import { credentialEnvironments } from './0019-credential-environments.ts'
import { answerCache } from './0020-answer-cache.ts'
import { credentialReminders } from './0021-credential-reminders.ts'
import { dayNames } from './0022-day-names.ts'
import { conversationCaps } from './0023-conversation-caps.ts'
import { resetMakers } from './0024-reset-makers.ts'
import { storedBytes } from './0025-stored-bytes.ts'
import { secretUses } from './0026-secret-uses.ts'
import { furtherReach } from './0027-further-reach.ts'
import { rotationHooks } from './0028-rotation-hooks.ts'
import { lives } from './0029-lives.ts'
import { backupChecks } from './0030-backup-checks.ts'
import { sealedNames } from './0031-sealed-names.ts'
import { brokenValues } from './0032-broken-values.ts'
import { documentCaps } from './0033-document-caps.ts'
import { qualifiedCounting } from './0034-qualified-counting.ts'
import { sealedAddresses } from './0035-sealed-addresses.ts'
import { promptVacuum } from './0036-prompt-vacuum.ts'
import { keyRotation } from './0010-key-rotation.ts'

/** In order. A migration that has landed is never changed; a new one is a new file and a new line. */
export const migrationsFor = (dialect: Dialect): Record<string, Migration> => {
  const columns = columnsOf(dialect)
  return {
    '0001-foundation': foundation(columns),
    '0002-knowledge': knowledge(columns, dialect),
    '0003-backups': backups(columns),
    '0004-accounts': accounts(columns),
    '0005-sessions': sessions(columns, dialect),
    '0006-factors': factors(columns),
    '0007-federation': federation(columns),
    '0008-keys': keys(columns),
    '0010-key-rotation': keyRotation(columns),
    '0011-privacy': privacy(columns),
    '0012-limits': limits(columns, dialect),
    '0013-message-search': messageSearch(dialect),
    '0014-budgets': budgets(columns),
    '0015-provider-credentials': providerCredentials(columns),
    '0016-penalties': penalties(columns),
    '0017-export-reach': exportReach,
    '0018-alerts': alerts(columns),
    '0019-credential-environments': credentialEnvironments,
    '0020-answer-cache': answerCache(columns),
    '0021-credential-reminders': credentialReminders(columns),
    '0022-day-names': dayNames(columns),
    '0023-conversation-caps': conversationCaps,
    '0024-reset-makers': resetMakers,
    '0025-stored-bytes': storedBytes(dialect),
    '0026-secret-uses': secretUses(columns),
    '0027-further-reach': furtherReach(columns),
    '0028-rotation-hooks': rotationHooks(columns),
    '0029-lives': lives(dialect),
    '0030-backup-checks': backupChecks(columns),
    '0031-sealed-names': sealedNames(columns),
    '0032-broken-values': brokenValues(columns),
    '0033-document-caps': documentCaps(columns),
    '0034-qualified-counting': qualifiedCounting(dialect),
    '0035-sealed-addresses': sealedAddresses(columns),
    '0036-prompt-vacuum': promptVacuum(dialect),
  }
}
