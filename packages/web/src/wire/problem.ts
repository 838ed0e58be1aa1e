import { Problem } from './contract.ts'

/** What went wrong, in words that can be shown. The only error that leaves wire/. */
export class PageProblem extends Error {
  override readonly name = 'PageProblem'
  readonly code: string
  readonly title: string
  readonly detail: string | undefined
  /** To be given to the administrator; null where no answer came. */
  readonly requestId: string | null
  readonly fields: readonly { readonly pointer: string; readonly detail: string }[]
  /** With `second-factor-needed`: names this sign-in, and says what can finish it. */
  readonly challenge: string | undefined
  readonly factors: readonly string[]
  /** With `human-check-needed`: what to solve. */
  readonly humanCheck: Problem['humanCheck']

  constructor(problem: Pick<Problem, 'code' | 'title' | 'detail' | 'errors' | 'challenge' | 'factors' | 'humanCheck'>, requestId: string | null) {
    super(problem.title)
    this.code = problem.code
    this.title = problem.title
    this.detail = problem.detail
    this.requestId = requestId
    this.fields = problem.errors ?? []
    this.challenge = problem.challenge
    this.factors = problem.factors ?? []
    this.humanCheck = problem.humanCheck
  }
}

const unreadable = { code: 'unreadable', title: 'The answer could not be read', detail: 'Reload the page. The server may have been updated meanwhile.' }

/** A problem of the wire; anything else that claims to be one is `unreadable`. */
export function toPageProblem(body: unknown): PageProblem {
  const parsed = Problem.safeParse(body)
  if (!parsed.success) return new PageProblem(unreadable, null)
  return new PageProblem(parsed.data, /^urn:request:(.+)$/.exec(parsed.data.instance)?.[1] ?? null)
}

/** Turns anything caught into something that can be shown. A failed `fetch` throws a TypeError: the server was not reached. */
export function problemOf(error: unknown): PageProblem {
  if (error instanceof PageProblem) return error
  if (error instanceof TypeError) {
    return new PageProblem({ code: 'unreachable', title: 'The server cannot be reached', detail: 'Check that Sallyport is running, then try again.' }, null)
  }
  return new PageProblem(unreadable, null)
}

/** The reason for one field of the request body, by its JSON Pointer. */
export const fieldProblem = (problem: PageProblem | null, field: string): string | undefined =>
  problem?.fields.find(({ pointer }) => pointer === `/${field}` || pointer === `/body/${field}`)?.detail

/** True when a call was given up by us. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'
