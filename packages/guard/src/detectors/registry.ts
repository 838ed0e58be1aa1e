import type { SpanDetector } from '../core/detector.ts'
import { injectionTypes, type InjectionType } from '../injection/judge.ts'
import { accessToken } from './access-token.ts'
import { credential } from './credential.ts'
import { dateOfBirth } from './date-of-birth.ts'
import { email } from './email.ts'
import { iban } from './iban.ts'
import { ipAddress } from './ip-address.ts'
import { looseSecret } from './loose-secret.ts'
import { macAddress } from './mac-address.ts'
import { nationalId } from './national-id.ts'
import { paymentCard } from './payment-card.ts'
import { person } from './person.ts'
import { phone } from './phone.ts'
import { postalAddress } from './postal-address.ts'
import { privateKey } from './private-key.ts'
import { providerKey } from './provider-key.ts'
import { urlPassword } from './url-password.ts'
import { usSsn } from './us-ssn.ts'

/** Every detector of spans. Of two findings that are equally sure and long, the one listed first wins. */
export const spanDetectors = [privateKey, providerKey, accessToken, urlPassword, credential, email, paymentCard, iban, usSsn, nationalId, phone, ipAddress, macAddress, dateOfBirth, looseSecret, postalAddress, person] as const satisfies readonly SpanDetector[]

export type SpanType = (typeof spanDetectors)[number]['type'] | 'canary'

/** What can be found: one word for each detector of spans, `canary`, which is made anew for each request, and what is told of a text as a whole. */
export type DetectorType = SpanType | 'hidden-text' | InjectionType

/** The types that `createStreamGuard` knows: each finding is a bounded span. */
export const spanTypes: readonly SpanType[] = ['canary', ...spanDetectors.map((detector) => detector.type)]

/** Every detector's type, for policy tables and settings. */
export const detectorTypes: readonly DetectorType[] = [...spanTypes, 'hidden-text', ...injectionTypes]

/** Recognisers that judge by words alone, and so miss and mistake more than the others: off unless they are asked for by name. */
export const recognisers = ['person', 'postal-address'] as const satisfies readonly SpanType[]
export type Recogniser = (typeof recognisers)[number]

const askedFor: ReadonlySet<DetectorType> = new Set(recognisers)
/** What is looked for when nobody says what. */
export const usualTypes: readonly DetectorType[] = detectorTypes.filter((type) => !askedFor.has(type))
