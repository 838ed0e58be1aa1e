import { Role } from '@sallyport/contract'

/** Whose: accounts of one role, or of every role but some. */
export type Whose = { readonly role: Role } | { readonly allBut: readonly Role[] }
export interface Lives { readonly days: number; readonly daysByRole: Readonly<Partial<Record<Role, number>>> }

/** For how many days what accounts have is kept: a row for each role that has days of its own, and the last for all others (PRI-3). */
export function livesOf({ days, daysByRole }: Lives): readonly { readonly days: number; readonly whose: Whose }[] {
  const own = Role.options.flatMap((role) => (daysByRole[role] === undefined ? [] : [{ days: daysByRole[role], whose: { role } }]))
  return [...own, { days, whose: { allBut: own.map(({ whose }) => whose.role) } }]
}
