import type { Handlers } from '../../kernel/handler.ts'
import type { Emergency } from './service.ts'

export const emergencyRoutes = (emergency: Emergency) => ({
  getEmergency: () => emergency.plan(),
  runEmergency: ({ caller, body }) => emergency.run(caller, body),
}) satisfies Partial<Handlers>
