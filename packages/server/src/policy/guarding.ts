import type { Action, DetectorType, Surface } from '@sallyport/guard'

/** The same action wherever a text comes from or goes to. */
const everywhere = (action: Action) => ({ user: action, retrieved: action, tool: action, model: action }) as const satisfies Record<Surface, Action>

/** What happens when a finding turns up on a surface. A detector without a row does not compile. */
export const guarding: Readonly<Record<DetectorType, Readonly<Record<Surface, Action>>>> = {
  canary: { user: 'allow', retrieved: 'drop', tool: 'drop', model: 'block' },

  'access-token': everywhere('mask'),
  credential:     everywhere('mask'),
  'loose-secret': everywhere('mask'),
  'private-key':  everywhere('mask'),
  'provider-key': everywhere('mask'),
  'url-password': everywhere('mask'),

  email:          everywhere('mask'),
  iban:           everywhere('mask'),
  'national-id':  everywhere('mask'),
  'payment-card': everywhere('mask'),
  phone:          everywhere('mask'),
  'us-ssn':       everywhere('mask'),

  // Ordinary words of anyone who talks about machines or calendars: masking them would make answers useless.
  'date-of-birth': everywhere('warn'),
  'ip-address':    everywhere('allow'),
  'mac-address':   everywhere('allow'),
}

/** How a found type is kept in its owner's own history (PRI-2): as it was written, or masked. */
export const storing: Readonly<Record<DetectorType, 'keep' | 'mask'>> = {
  canary: 'mask',
  'access-token': 'mask', credential: 'mask', 'loose-secret': 'mask', 'private-key': 'mask', 'provider-key': 'mask', 'url-password': 'mask',
  iban: 'mask', 'national-id': 'mask', 'payment-card': 'mask', 'us-ssn': 'mask',
  email: 'keep', phone: 'keep', 'date-of-birth': 'keep', 'ip-address': 'keep', 'mac-address': 'keep',
}
