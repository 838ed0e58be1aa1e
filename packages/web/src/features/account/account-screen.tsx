import type { Session } from '../../app/session.ts'
import { Page } from '../../ui/page.tsx'
import { DevicesSection } from './devices-section.tsx'
import { EraseSection } from './erase-section.tsx'
import { ExportSection } from './export-section.tsx'
import { FactorsSection } from './factors-section.tsx'
import { IdentitiesSection } from './identities-section.tsx'
import { LooksSection } from './looks-section.tsx'
import { PasswordSection } from './password-section.tsx'
import { BudgetsSection } from './budgets-section.tsx'
import { KeysSection } from './keys-section.tsx'
import { LimitsSection } from './limits-section.tsx'
import { ProfileSection } from './profile-section.tsx'

/** One's own account. */
export function AccountScreen({ session }: { readonly session: Session }) {
  return (
    <Page title="Your account" purpose="Who you are here, how you prove it, and where you are signed in.">
      <ProfileSection session={session} />
      <PasswordSection session={session} />
      <FactorsSection />
      <IdentitiesSection />
      <DevicesSection />
      <KeysSection session={session} />
      <LimitsSection />
      <BudgetsSection />
      <LooksSection />
      <ExportSection />
      <EraseSection session={session} />
    </Page>
  )
}
