import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const RESOLUTION_MILLISECONDS = 10
const NANOSECONDS = 1_000_000
const MEGABYTE = 1_048_576

/** How busy the process is at a moment. */
export interface Gauge {
  /** For how long what became ready at any moment since the last look waited for the event loop, in the mean. */
  delayMilliseconds(): number
  /** The share of the memory that the process may have: of its heap, or of all of it, whichever is tighter. */
  memoryShare(): number
  close(): void
}

/** Measures this process. With 0 megabytes it may have what its container or the machine has. */
export function createGauge(megabytes: number): Gauge {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MILLISECONDS })
  delays.enable()
  // Without a container's limit Node answers with 0, or with more than there is.
  const constrained = process.constrainedMemory()
  const available = megabytes > 0 ? megabytes * MEGABYTE : constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return {
    delayMilliseconds() {
      const { mean, stddev, count } = delays
      delays.reset()
      // One long wait counts for all who came in its time: a plain mean over many short ones would hide it.
      return count === 0 ? 0 : Math.max(0, (mean ** 2 + stddev ** 2) / (2 * mean) / NANOSECONDS - RESOLUTION_MILLISECONDS / 2)
    },
    memoryShare() {
      const { heap_size_limit: most, used_heap_size: used } = getHeapStatistics()
      return Math.max(process.memoryUsage.rss() / available, used / most)
    },
    close: () => { delays.disable() },
  }
}
