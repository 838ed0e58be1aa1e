/** From the server's key of this name come the pseudonyms of accounts that were erased. */
export const ERASED_ACCOUNTS = 'erased accounts'
