import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../compose/index.ts'
import type { Config } from '../config/load.ts'
import type { Secret } from '../kernel/secret.ts'

/** A server that a command can talk to over its administration socket: one that runs, or one of the command's own. */
export interface LocalServer {
  readonly socketPath: string
  /** Null when there is an owner. */
  readonly setupToken: Secret | null
  close(): Promise<void>
}

/** The server that runs over this data directory; where none does, one in this process, over its lock, for as long as the command takes. */
export async function openLocalServer(config: Config): Promise<LocalServer> {
  return await findLocalServer(config) ?? startOwn(config)
}

/** The server that runs over this data directory. Null where none does. */
export async function findLocalServer(config: Config): Promise<LocalServer | null> {
  const socketPath = join(config.dataDirectory, 'run', 'admin.sock')
  return await answers(socketPath) ? { socketPath, setupToken: null, close: () => Promise.resolve() } : null
}

/** A server over a data directory of its own, which is gone after `close`. It keeps the configured providers. */
export async function openThrowAwayServer(config: Config): Promise<LocalServer> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-ask-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    const own = await startOwn({
      ...config, dataDirectory: join(directory, 'data'), keyFile: join(directory, 'sallyport.key'), vault: { ...config.vault, kind: 'key-file' }, store: { ...config.store, url: 'sqlite:' }, library: { wordMilliseconds: 0 },
    })
    return { ...own, close: async () => { await own.close(); await remove() } }
  } catch (error) {
    await remove()
    throw error
  }
}

async function startOwn(config: Config): Promise<LocalServer> {
  const sallyport = await compose(config)
  const { socketPath, jobs } = await sallyport.listenLocally()
  await jobs.handbook
  return { socketPath, setupToken: sallyport.setupToken, close: sallyport.close }
}

const answers = (socketPath: string) => new Promise<boolean>((resolve) => {
  const socket = connect(socketPath)
  socket.once('connect', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => { resolve(false) })
})
