import type { PatternName } from './patterns.ts'

interface AlertRow { /** One line: the subject of the mail. */ readonly what: string; readonly next: string }

/** What administrators are told of a security event, and what they are to do. An event without a row here cannot be of high severity. */
export const alerts = {
  'refresh-token-reused': { what: 'A refresh token was used twice', next: 'Somebody may have stolen it. All that came of that sign-in has ended. Ask the account\'s owner whether a program of theirs tried twice; if not, have them choose a new password and look through their sessions and keys.' },
  'everything-revoked': { what: 'Every sign-in was ended at once', next: 'The account below did so. If you do not know why, ask whoever has it, and look into the audit log.' },
  'emergency-run': { what: 'An owner has ended everything that an intruder could hold', next: 'Everybody has to sign in anew. If you do not know why, ask the owner below, and look into the audit log. What is left for people to do is in the handbook, under Emergency.' },
  'secret-use-jumped': { what: 'A secret of this server was used far more than usual', next: 'Somebody may use it who should not. "npm run sallyport -- secrets uses" says what it was read for, and "audit events" whose turns asked. If nobody can say why, replace it, and end the keys and sessions of the account.' },
  'sealed-value-broken': { what: 'Something in the store does not open any more', next: 'A sealed value was damaged, or somebody who can write into the store moved or changed it. "npm run sallyport -- audit events" says which table, row and column. Find out whether the disk fails or who had access, and put the row\'s conversation back from a backup: "npm run sallyport -- backup restore NAME --conversation ID".' },
  'provider-credential-rejected': { what: 'A model provider refused its key', next: 'It may have been revoked because it leaked. Look at the provider\'s own page, and add a new key with "npm run sallyport -- providers keys add".' },
  'provider-credential-old': { what: 'The key of a model provider is old', next: 'It has been in use for more than 30 days. Make a new one at the provider, and put it in its place: "npm run sallyport -- providers keys add NAME --activate". "npm run sallyport -- audit events" says which it is.' },
  'provider-credential-ends': { what: 'The key of a model provider ends soon, or has ended', next: 'Make a new one at the provider, and put it in its place: "npm run sallyport -- providers keys add NAME --activate". "npm run sallyport -- audit events" says which it is, and when it ends.' },
  'provider-credential-not-rotated': { what: 'The key of a model provider could not be replaced', next: 'The program that makes its keys failed, or the provider refused what it made. The former key is still in use. "npm run sallyport -- providers keys list NAME" says why, and when it is tried again; "npm run sallyport -- doctor" looks at the program.' },
  'provider-credential-not-revoked': { what: 'A former key of a model provider may still be good there', next: 'It is destroyed here, and the program that should have ended it at the provider failed again and again. Revoke it on the provider\'s own page. "npm run sallyport -- audit events" says which it is.' },
  'audit-log-broken': { what: 'The audit log was changed after it was written', next: 'Its oldest entries are due to be removed, and stay until you have looked: "npm run sallyport -- audit verify" says at which entry the chain breaks. Compare it with a backup from before, and find out who could write into the store.' },
  'backup-damaged': { what: 'A kept backup is damaged, cannot be read, or is gone', next: 'It does not count any more. "npm run sallyport -- backup list" says which, and why. Copy its files back if you have them elsewhere, then run "backup verify NAME"; make a new one with "backup create"; and find out whether the disk fails or somebody changed them.' },
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
