/** What no server can do for its people after an emergency, in the order in which it is best done. */
export const leftToPeople = {
  'provider-keys': 'Make new keys at these model providers, revoke the old ones there, and put the new ones in: npm run sallyport -- providers keys add NAME --activate. Whoever copied a key goes on using it until its provider ends it.',
  'provider-hooks': 'For these providers a program makes keys. Have it make a new one of each now: npm run sallyport -- providers keys rotate NAME. Then destroy the former one, which is else kept for a week: npm run sallyport -- providers keys revoke NAME VERSION. The program ends it at the provider; one that a person made there, end by hand. Replace the credential of the program itself as well.',
  'configured-secrets': 'Replace these secrets of the configuration where they were made (mail, human check, moderation, identity providers, backups, key services), then restart the server.',
  'identity-providers': 'Make new client secrets at these identity providers, and save them here: npm run sallyport -- identity-providers.',
  'key-encryption-key': 'Move the store to a new key-encryption key, with the server stopped: npm run sallyport -- secrets rewrap --to FILE. It is what opens all the others, and a server that runs on it cannot replace it. Never change it in the configuration alone, and keep the old one until the store is moved: nothing else opens the store.',
  'backups': 'Backups open with the identities of their recipients. One that you do not know was added by whoever was in, and opens every backup that was made since. Where one is unknown, or its identity may be known, set them anew, which leaves out all others: npm run sallyport -- backup init --recipient AGE1, or without --recipient for a new identity. Those of the setting backup.recipients change there. Then make a backup: npm run sallyport -- backup create, and destroy the older ones.',
  'changes': 'Look through what was changed since it began, and undo what you do not know: accounts and their addresses and roles, groups, identity providers, model providers: npm run sallyport -- audit list.',
  'devices': 'Whoever got into a device of yours still has what it shows. Clean it before you open the link to a new password on it.',
} as const
export type LeftToPeople = keyof typeof leftToPeople

/** Settings that open the store. Whoever replaces one in the configuration alone locks it: moving the store is their only way. */
export const openingSettings: readonly string[] = ['vault.key', 'vault.passphrase']
