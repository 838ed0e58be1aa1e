/** Checks that change nothing when they are taken away, each with what else holds: a second lock behind the same door. */
export const equivalents: readonly { readonly path: string; readonly removed: string; readonly why: string }[] = [
  { path: 'knowledge/service.ts', removed: 'if (document === null)', why: 'a passage goes with its document: where the one was found, the other is there' },
  { path: 'keys/find-key.ts', removed: 'timingSafeEqual', why: 'the digest was the key of the look-up; the comparison keeps its time constant whatever a map or an index does' },
  { path: 'factors/enrol-app.ts', removed: "row.kind !== 'totp'", why: 'a passkey is confirmed from its first moment, and the next condition refuses what is confirmed' },
  { path: 'keys/find-key.ts', removed: '!hasKeyForm(value) && !mayBeImported(value)', why: 'a value of another form has no digest in the store; the condition spares the store the question' },
  { path: 'sessions/service.ts', removed: 'if (!TOKEN.test(token))', why: 'a value of another form has no digest in the store; the condition spares the store the question' },
  { path: 'tokens/families.ts', removed: 'if (!FORM.test(refreshToken))', why: 'a value of another form has no digest in the store; the condition spares the store the question' },
  { path: 'audit/event-store.ts', removed: "('account_id', account_id === null ? 'is' : '=', account_id)", why: 'the statement writes what is there, so that those who claim alike events wait for one another; without the clause more of them wait' },
  { path: 'groups/grounds-store.ts', removed: "'revoked_at', 'is', null", why: 'what has ended would be given a later time, and stays ended' },
  { path: 'groups/grounds-store.ts', removed: "'maker.status', '=', 'active'", why: 'a suspension revokes the invitations of an account in the same batch' },
  { path: 'groups/grounds-store.ts', removed: "'ends_at', '>', at", why: 'an opening that is over would be given a time of closing as well, and stays over' },
]

/** One kind of check, as every row of the policy table has it. */
export interface RowMutant {
  readonly name: string
  /** The rows that have the check. */
  rows(text: string): readonly { readonly id: string; readonly line: number }[]
  /** The table without it. */
  mutate(text: string): string
}

const ROW = /^ {2}(\w+): +\{ (.*) \},$/
const rowsWhere = (text: string, has: (settings: string) => boolean) => text.split('\n').flatMap((line, index) => {
  const [, id = '', settings = ''] = ROW.exec(line) ?? []
  return id !== '' && has(settings) ? [{ id, line: index + 1 }] : []
})
const changeRows = (text: string, has: (settings: string) => boolean, added: string) =>
  text.split('\n').map((line) => line.replace(ROW, (whole, id: string, settings: string) => (has(settings) ? `  ${id}: { ${settings}, ${added} },` : whole))).join('\n')
const rowMutant = (name: string, has: (settings: string) => boolean, added: string): RowMutant => ({ name, rows: (text) => rowsWhere(text, has), mutate: (text) => changeRows(text, has, added) })

const isOpen = (settings: string) => settings.startsWith('...open') && !settings.includes("access: 'signed-in'")
const needsPermission = (settings: string) => settings.startsWith('...may(')
const isBlocked = (settings: string) => !isOpen(settings) && !settings.includes("pending: 'allowed'") && !settings.startsWith('...open')

export const rowMutants: readonly RowMutant[] = [
  rowMutant('open to anyone', (settings) => !isOpen(settings), "access: 'anyone'"),
  rowMutant('open to every account', needsPermission, "access: 'signed-in'"),
  rowMutant('open to keys', (settings) => settings.includes("carriers: 'person'") || settings.startsWith('...own'), "carriers: 'any'"),
  rowMutant('without a fresh proof', (settings) => settings.includes("freshness: 'fresh'"), "freshness: 'any'"),
  rowMutant('open to who owes something', isBlocked, "pending: 'allowed'"),
]
