import { toMoment } from '../../kernel/clock.ts'
import { alerts } from '../../policy/alerts.ts'
import type { Alert } from '../audit/index.ts'

/** Every mail that accounts send, in plain text. None holds more of anybody's data than its link: names are chosen by strangers. An alert names ids and a time, too. */
export interface MailText { readonly subject: string; readonly text: string }

const lines = (...all: readonly string[]) => `${all.join('\n\n')}\n`
const IGNORE = 'If you did not ask for this, do nothing: nothing changes.'

export const mailTexts = {
  reset: (link: string): MailText => ({
    subject: 'A new password for Sallyport',
    text: lines('Somebody asked for a new password for your account. Open this link within 30 minutes to choose one:', link, 'It works once.', IGNORE),
  }),
  invitation: (link: string): MailText => ({
    subject: 'You are invited to Sallyport',
    text: lines('You are invited to use a Sallyport server. Open this link to make your account:', link, 'It works once.', 'If you do not know what this is about, do nothing.'),
  }),
  signUp: (link: string): MailText => ({
    subject: 'Your Sallyport account',
    text: lines('Open this link within a day to make your account:', link, 'It works once.', IGNORE),
  }),
  signUpKnown: (link: string): MailText => ({
    subject: 'Your Sallyport account',
    text: lines('Somebody asked for an account with this address. There is one already. Sign in here, or ask there for a new password:', link, IGNORE),
  }),
  verifyEmail: (link: string): MailText => ({
    subject: 'Confirm your e-mail address',
    text: lines('Open this link within a day to use this address for your Sallyport account:', link, 'It works once.', IGNORE),
  }),
  emailChangeRequested: (link: string): MailText => ({
    subject: 'Your e-mail address is to be changed',
    text: lines('Somebody who is signed in to your Sallyport account asked to use another e-mail address for it. Nothing changes until that address is confirmed.', 'If it was not you, choose a new password at once: that ends the request, and every other sign-in.', link),
  }),
  emailChanged: (link: string): MailText => ({
    subject: 'Your e-mail address was changed',
    text: lines('The e-mail address of your Sallyport account was changed, and is no longer this one. If it was not you, tell your administrator at once.', link),
  }),
  passwordChanged: (link: string): MailText => ({
    subject: 'Your password was changed',
    text: lines('The password of your Sallyport account was changed. If it was not you, ask for a new one here, and tell your administrator:', link),
  }),
  factorsChanged: (link: string): MailText => ({
    subject: 'The second factors of your account were changed',
    text: lines('An authenticator app, a passkey or the recovery codes of your Sallyport account were added, removed or suspended. If it was not you, sign in and look at your account page, and tell your administrator at once.', link),
  }),
  locked: (link: string): MailText => ({
    subject: 'Wrong passwords for your account',
    text: lines('Several wrong passwords were tried for your Sallyport account. Sign-in in browsers that are new for you is refused for a while; where you have signed in before you still can.', 'If it was you, wait an hour, or ask for a new password here:', link),
  }),
} as const
export type MailKind = keyof typeof mailTexts

const isKnown = (type: string): type is keyof typeof alerts => Object.hasOwn(alerts, type)

/** What administrators are told of a security event: what happened, when, to whom by id, and what to do. */
export const alertText = ({ type, at, eventId, accountId }: Alert, link: string): MailText => {
  // A row of a later version, in a store that several versions share for the length of an upgrade.
  const { what, next } = isKnown(type) ? alerts[type] : { what: 'A security event of high severity', next: 'Look at it with the command below.' }
  return {
    subject: `Security alert of Sallyport: ${what}`,
    text: lines(`${what}.`, `When: ${toMoment(at)}\nAccount: ${accountId ?? 'none in particular'}\nEvent: ${eventId} (${type})`, next, 'All security events, on the server: npm run sallyport -- audit events', link, 'If it happens again within the hour, no further mail of its kind is sent for this account.'),
  }
}
