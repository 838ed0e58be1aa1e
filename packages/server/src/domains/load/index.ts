export { createAccountPlaces, type AccountPlaces } from './account-places.ts'
export { createFairQueue, type FairQueue } from './fair-queue.ts'
export { createLoad, overloaded, type Load } from './service.ts'
export { createGauge, type Gauge } from './gauge.ts'
