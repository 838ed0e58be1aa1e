import { programHook } from './program/index.ts'

/** Every way to have a provider's key made. Add one: make a folder, add a line. */
export const rotationHooks = { program: programHook } as const
