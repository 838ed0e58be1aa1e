import { BlobStoreFailure } from '../../../ports/blob-store.ts'

// The few elements of S3's XML that are needed, cut out as text: names of ours hold nothing that XML would write otherwise.

export interface Listing { readonly items: readonly { readonly key: string; readonly bytes: number }[]; readonly next: string | null }

/** A page of `ListObjectsV2`. Throws `BlobStoreFailure` for anything else. */
export function parseListing(text: string): Listing {
  if (!text.includes('<ListBucketResult')) throw new BlobStoreFailure('The store of backups answers something that is no list of objects. Check backup.s3Address.')
  const items = text.split('<Contents>').slice(1).map((part) => ({ key: element(part, 'Key') ?? '', bytes: Number(element(part, 'Size') ?? Number.NaN) }))
  return { items: items.filter(({ bytes }) => Number.isSafeInteger(bytes)), next: element(text, 'IsTruncated') === 'true' ? element(text, 'NextContinuationToken') : null }
}

/** What stands in the first element of that name; null where there is none. */
export function element(text: string, name: string): string | null {
  const from = text.indexOf(`<${name}>`)
  const to = from < 0 ? -1 : text.indexOf(`</${name}>`, from)
  return to < 0 ? null : text.slice(from + name.length + 2, to).replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
