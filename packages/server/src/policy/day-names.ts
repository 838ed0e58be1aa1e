import type { idPrefixes, IdKind } from '@sallyport/contract'

/** Whether an id of that prefix belongs to somebody, so that it would join what the logs say of them on two days (PRI-5). A new kind of id does not compile without a row. */
const belongsToSomebody = {
  acc: true, ses: true, key: true, con: true, msg: true, trn: true, col: true, doc: true, psg: true, tok: true, fct: true, inv: true, idn: true, cva: true, exp: true, ban: true,
  prv: false, pvc: false, idp: false, grp: false, evt: false, req: false, bak: false, rot: false, ers: false,
} as const satisfies Readonly<Record<(typeof idPrefixes)[IdKind], boolean>>

/** The prefixes of ids that the logs replace by names of a day. */
export const namedPrefixes: ReadonlySet<string> = new Set(Object.entries(belongsToSomebody).flatMap(([prefix, does]) => (does ? [prefix] : [])))
