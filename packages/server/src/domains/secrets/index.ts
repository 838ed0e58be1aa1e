export { createKeyRing, sealerFrom, SERVER_KEYS, type KeyOwner, type KeyRing } from './key-ring.ts'
export { pendingVaultKey, takeOverWrapped, wrapForNext } from './rewrap-store.ts'
export { createDataKeyRotation, type DataKeyRotations } from './rotation.ts'
export { dataKeyRoutes } from './routes.ts'
