import type { PatternName } from './patterns.ts'

interface AlertRow { /** One line: the subject of the mail. */ readonly what: string; readonly next: string }

/** What administrators are told of a security event of high severity, and what they are to do. An event without a row here cannot be of high severity. */
export const alerts = {
  'refresh-token-reused': { what: 'A refresh token was used twice', next: 'Somebody may have stolen it. All that came of that sign-in has ended. Ask the account\'s owner whether a program of theirs tried twice; if not, have them choose a new password and look through their sessions and keys.' },
  'everything-revoked': { what: 'Every sign-in was ended at once', next: 'The account below did so. If you do not know why, ask whoever has it, and look into the audit log.' },
  'provider-credential-rejected': { what: 'A model provider refused its key', next: 'It may have been revoked because it leaked. Look at the provider\'s own page, and add a new key with "npm run sallyport -- providers keys add".' },
  'second-factor-refused': { what: 'Wrong codes of a second factor, again and again', next: 'Whoever gives them has the password already. Ask the account\'s owner; if it was not them, have them choose a new password.' },
  'passkey-cloned': { what: 'A passkey seems to have been copied', next: 'It is suspended. Have the account\'s owner sign in with another factor, delete that passkey and look through their sessions.' },
  'factors-changed': { what: 'The second factors of an account were reset', next: 'If neither the account\'s owner nor you know of it, suspend the account, and look into the audit log for who did it.' },
  'credential-stuffing': { what: 'Passwords of many accounts were tried from one address', next: 'Its requests are refused more and more. "npm run sallyport -- bans list" shows whom the server keeps out.' },
  'distributed-guessing': { what: 'The password of one account is tried from many addresses', next: 'Have its owner set up a second factor, and choose a new password if the present one is used elsewhere.' },
  'enumeration': { what: 'An account asked for many things that are not there', next: 'Ask its owner what program did so. Suspend the account if nobody knows.' },
  'scraping': { what: 'An account read very much in a short while', next: 'Ask its owner what program did so. Suspend the account if nobody knows.' },
  'key-sharing': { what: 'One API key is used from many networks', next: 'If its owner cannot say why, have it rotated: "npm run sallyport -- keys rotate".' },
  'prompt-probing': { what: 'The guard refused many questions of one account', next: 'Ask its owner what they are about. "npm run sallyport -- bans list" shows whom the server keeps out.' },
} as const satisfies Readonly<Record<PatternName, AlertRow> & Record<string, AlertRow>>
export type AlertType = keyof typeof alerts

/**
 * One mail for each kind of event and account in so long, however many there are: the log and the list have them all. What could not be
 * mailed is tried again, for a day. Longer than the mails of one alert can take, so that no second process sends them meanwhile.
 */
export const alertMail = { everySeconds: 3_600, retrySeconds: 1_800, giveUpSeconds: 86_400, recipients: 20 } as const
/** How often the store is looked at for events that nobody was told of, and how many are taken up at once. */
export const alertLook = { seconds: 5, rows: 100 } as const
