export { createPatterns, type Patterns, type PatternSubject } from './service.ts'
