import type { Handlers } from '../../kernel/handler.ts'
import type { Penalties } from './service.ts'

export const penaltyRoutes = (penalties: Pick<Penalties, 'list' | 'lift'>) => ({
  listBans: async () => ({ items: [...await penalties.list()] }),
  liftBan: async ({ caller, params: { banId } }) => { await penalties.lift(caller, banId) },
}) satisfies Partial<Handlers>
