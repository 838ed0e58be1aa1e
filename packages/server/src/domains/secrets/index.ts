export { createKeyRing, sealerFrom, SERVER_KEYS, type KeyOwner, type KeyRing } from './key-ring.ts'
