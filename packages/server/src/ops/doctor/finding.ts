import type { Config, FullEnvironment } from '../../config/load.ts'
import type { StoreRecord } from '../../database/data-directory.ts'

/** `unknown`: it could not be looked at, which is no good news either. */
export type Health = 'good' | 'warning' | 'problem' | 'unknown'
export type Area = 'configuration' | 'settings' | 'files' | 'keys' | 'clock' | 'certificates' | 'cookies' | 'cors' | 'database' | 'backups' | 'former stores' | 'room'

/** What one look found. `means` and `mend` are empty where all is well. */
export interface Finding { readonly area: Area; readonly health: Health; readonly found: string; readonly means: string; readonly mend: string }

export interface Patient { readonly config: Config; readonly environment: FullEnvironment; readonly record: StoreRecord | null; readonly now: number }
export type Check = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>

export const good = (area: Area, found: string): Finding => ({ area, health: 'good', found, means: '', mend: '' })
export const bad = (area: Area, health: Exclude<Health, 'good'>, told: Pick<Finding, 'found' | 'means' | 'mend'>): Finding => ({ area, health, ...told })
