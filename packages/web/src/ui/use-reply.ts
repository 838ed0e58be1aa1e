import type { OperationId, ReplyOf } from '@sallyport/contract'
import { useCallback, useState } from 'react'
import { call, type RequestOf } from '../wire/call.ts'
import { useLoaded, type Loaded } from './use-loaded.ts'

/** What an operation replies: loaded when the component appears, anew when the request says something else, and at `reload`. */
export function useReply<Id extends OperationId>(id: Id, request: RequestOf<Id>): Loaded<ReplyOf<Id>> {
  const [wanted, setWanted] = useState(request)
  // A request that says the same is the same, though each render makes another object of it.
  if (JSON.stringify(wanted) !== JSON.stringify(request)) setWanted(request)
  return useLoaded(useCallback((signal: AbortSignal) => call(id, wanted, signal), [id, wanted]))
}
