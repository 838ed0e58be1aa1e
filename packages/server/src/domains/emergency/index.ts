export { emergencyRoutes } from './routes.ts'
export { createEmergency, type Emergency, type EmergencySteps } from './service.ts'
export { createHoldingsStore } from './store.ts'
