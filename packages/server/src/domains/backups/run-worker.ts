import { Worker } from 'node:worker_threads'
import type { CheckRequest, FromWorker, Made, WorkerStart } from './protocol.ts'

export interface BackupRun {
  make(): Promise<Made>
  /** Restores what was stored into a scratch place. Throws when it is not what was made. */
  check(request: CheckRequest): Promise<void>
  /** Ends the thread, whatever it does. */
  stop(): Promise<void>
}

/** Starts a backup's thread. */
export function startRun(start: WorkerStart, onProgress: (done: number, total: number) => void): BackupRun {
  const worker = new Worker(new URL('./backup-worker.ts', import.meta.url), { workerData: start, name: 'sallyport-backup' })
  const made = Promise.withResolvers<Made>()
  const checked = Promise.withResolvers<void>()
  const fail = (error: Error) => { made.reject(error); checked.reject(error) }
  for (const { promise } of [made, checked]) promise.catch(() => undefined)
  worker.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'progress': onProgress(message.done, message.total); return
      case 'made': made.resolve(message.made); return
      case 'checked': checked.resolve(); return
      case 'failed': fail(new Error(message.message))
    }
  })
  worker.on('error', fail)
  worker.on('exit', () => { fail(new Error('The backup was ended before it was whole.')) })
  return {
    make: () => made.promise,
    check: (request) => { worker.postMessage(request); return checked.promise },
    stop: async () => { await worker.terminate() },
  }
}
