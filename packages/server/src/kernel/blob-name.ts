const NAME = /^[a-z0-9](?:[a-z0-9-]{0,80}[a-z0-9])?(?:\.[a-z0-9]{1,8}){1,2}$/

/** Whether a text may name a stored file: small letters, digits, dashes and one or two endings. Nothing in it can leave a directory on any system. */
export const isBlobName = (name: string): boolean => NAME.test(name)
