export { createHumanChecks, type HumanChecks } from './service.ts'
