/** What crosses between the server and the thread that estimates. */
export interface EstimateRequest { readonly id: number; readonly password: string; readonly words: readonly string[] }
export interface EstimateReply { readonly id: number; readonly guesses: number; readonly score: 0 | 1 | 2 | 3 | 4; readonly advice: string }
