import type { Handlers } from '../../kernel/handler.ts'
import type { DataKeyRotations } from './rotation.ts'

export const dataKeyRoutes = (rotation: DataKeyRotations) => ({
  getDataKeyRotation: () => rotation.progress(),
  rotateDataKeys: ({ caller, body }) => rotation.request(caller, body),
}) satisfies Partial<Handlers>
