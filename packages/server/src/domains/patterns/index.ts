export { createPatterns, type Patterns } from './service.ts'
