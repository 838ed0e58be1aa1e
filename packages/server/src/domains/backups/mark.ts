/** For what the key that marks manifests is derived from the server's data key. */
export const MANIFEST_MARK = 'backup manifest'
