export { createUsageStore, type UsageStore } from './store.ts'
