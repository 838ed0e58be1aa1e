/**
 * An answer that was given to a request. `id` is a keyed hash of that request, under a key of whoever may read the answer, and the answer is
 * sealed for just that id. `account_id` is whose request it was, also where others may be given the answer.
 */
export interface KeptAnswerTable { id: string; account_id: string; answer_sealed: Uint8Array; bytes: number; made_at: number; hits: number }
