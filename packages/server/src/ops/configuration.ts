import { fetchSecrets } from '../compose/secret-references.ts'
import * as load from '../config/load.ts'

/** The configuration of this machine, as a start reads it. Throws `ConfigProblem` with all problems at once. */
export const readConfig = (): Promise<load.Config> => load.readConfig(fetchSecrets)

/** The vault that a store is to move to, by a file with its settings. Throws `ConfigProblem`. */
export const loadNextVault = (config: load.Config, path: string): Promise<load.Config> => load.loadNextVault(config, path, fetchSecrets)
