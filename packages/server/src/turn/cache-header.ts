import type { TurnOutput } from './turn.ts'

/** Says in the headers of an answer whether it was kept from before; nothing where none may be. They must not have left yet. */
export function tellCache(headers: Record<string, string>, { cache }: Extract<TurnOutput, { type: 'start' }>): void {
  if (cache !== null) headers['Sallyport-Cache'] = cache
}
