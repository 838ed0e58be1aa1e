import type { ClearedEvent, ClearedEvents, Unmarked } from './turn.ts'

/** The single place where a turn may claim to have passed a stage. Only turn/stages may import this. */
export const passed = <Next>(turn: Unmarked<Next>): Next => turn as Next

/** The same for a stream: only the output guard may call it. */
export const cleared = (events: AsyncIterable<ClearedEvent>): ClearedEvents => events as ClearedEvents
