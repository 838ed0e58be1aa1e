import type { SpanDetector } from '../core/detector.ts'
import { email } from './email.ts'
import { paymentCard } from './payment-card.ts'
import { privateKey } from './private-key.ts'
import { providerKey } from './provider-key.ts'

/** Every detector of spans. Of two findings that are equally sure and long, the one listed first wins. */
export const spanDetectors = [privateKey, providerKey, email, paymentCard] as const satisfies readonly SpanDetector[]

/** What can be found: one word for each detector, and `canary`, which is made anew for each request. */
export type DetectorType = (typeof spanDetectors)[number]['type'] | 'canary'

/** Every detector's type, for policy tables and settings. */
export const detectorTypes: readonly DetectorType[] = ['canary', ...spanDetectors.map((detector) => detector.type)]
