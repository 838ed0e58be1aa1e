declare const opened: unique symbol

/** Whose data a store may touch. A store opens with a scope and with nothing else, so a query without an owner does not compile (IDN-12). */
export interface Scope { readonly accountId: string; readonly [opened]: true }

/** Opens the scope of an account whose credential was just checked. Only `edge/identify-caller.ts`, set-up and their tests may call this. */
export const openScope = (accountId: string): Scope => ({ accountId }) as Scope
