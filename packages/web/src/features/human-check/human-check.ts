import type { HumanCheckOffer } from '@sallyport/contract'
import { createStore } from '../../app/store.ts'
import { whenHumanCheckNeeded } from '../../wire/call.ts'

/** A check that is under way. `done` is told the answer for the server, or null where the person gave it up. */
export interface AskedCheck { readonly offer: HumanCheckOffer; readonly done: (answer: string | null) => void }

/** Set while the server wants to be shown that nobody here is a program. */
export const askedCheckStore = createStore<AskedCheck | null>(null)

let last: Promise<unknown> = Promise.resolve()

/** Shows the check and gives its answer; null when the person gives it up. Several calls at once wait for each other. */
function answerHumanCheck(offer: HumanCheckOffer, signal: AbortSignal | undefined): Promise<string | null> {
  const ask = () => new Promise<string | null>((resolve) => {
    const done = (answer: string | null): void => {
      askedCheckStore.set((asked) => (asked?.offer === offer ? null : asked))
      resolve(answer)
    }
    if (signal?.aborted === true) { resolve(null); return }
    signal?.addEventListener('abort', () => { done(null) }, { once: true })
    askedCheckStore.set({ offer, done })
  })
  const answered = last.then(ask)
  last = answered
  return answered
}

/** From now on checks that calls meet are shown here. */
export const watchHumanChecks = (): void => { whenHumanCheckNeeded(answerHumanCheck) }
