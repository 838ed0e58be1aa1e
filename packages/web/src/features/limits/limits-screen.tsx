import { Page } from '../../ui/page.tsx'
import { BansSection } from './bans-section.tsx'

/** Administration of limits: who went over them, and what is held against them. */
export function LimitsScreen() {
  return (
    <Page title="Limits" purpose="Whoever goes over limits again and again has lower ones for a while, and is then kept out for a while. It ends by itself, or when you lift it.">
      <BansSection />
    </Page>
  )
}
