import { Page } from '../../ui/page.tsx'
import { BudgetsAdmin } from '../budgets/budgets-admin.tsx'
import { PricesSection } from '../budgets/prices-section.tsx'
import { BansSection } from './bans-section.tsx'

/** Administration of limits: what may be spent, what it costs, who went over a limit, and what is held against them. */
export function LimitsScreen({ mayManageBudgets }: { readonly mayManageBudgets: boolean }) {
  return (
    <Page title="Limits" purpose="Whoever goes over limits again and again has lower ones for a while, and is then kept out for a while. It ends by itself, or when you lift it.">
      <BansSection />
      {mayManageBudgets && <BudgetsAdmin />}
      {mayManageBudgets && <PricesSection />}
    </Page>
  )
}
