/** The fewest characters of a passphrase that data are sealed under: whoever has a copy of the data can try as many as they like. */
export const LEAST_PASSPHRASE_CHARACTERS = 20
