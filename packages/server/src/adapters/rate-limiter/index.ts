export { createInsuredLimiter, type Insured } from './insured/index.ts'
export { createMemoryLimiter } from './memory/index.ts'
