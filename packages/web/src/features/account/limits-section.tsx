import type { Limit, UsageReport } from '@sallyport/contract'
import { Caution } from '../../ui/caution.tsx'
import { Row, RowWords, Rows, Until } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { Section } from './section.tsx'

const windowNames: Readonly<Record<number, string>> = { 60: 'a minute', 3_600: 'an hour', 86_400: 'a day' }
const megabytes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const windowOf = (seconds: number) => windowNames[seconds] ?? `${seconds} seconds`

/** How often one may do what, what remains, and when it is all back. */
export function LimitsSection() {
  const { value, problem } = useReply('getUsage', {})
  return (
    <Section title="Your limits" purpose="How often you may do what. What is used comes back by itself.">
      <ProblemNotice problem={problem} />
      {value?.penalties.map(({ kind, allowance, why, until }) => <Caution key={kind}>{kind === 'address' ? 'The limits of your address' : 'Your limits'} are at {Math.round(allowance * 100)} % until <Until at={until} />, because of {why}. They come back by themselves.</Caution>)}
      {value !== null && <Rows label="Limits">{value.limits.map((limit) => <LimitRow key={limit.name} limit={limit} />)}<StorageRow what="Stored conversations" {...value.storage} /><StorageRow what={`Documents of your own: ${value.documents.count} of ${value.documents.mostCount}`} {...value.documents} /></Rows>}
    </Section>
  )
}

function StorageRow({ what, bytes, limit }: UsageReport['storage'] & { readonly what: string }) {
  return (
    <Row>
      <RowWords>
        <p className="truncate font-medium">{what}</p>
        <p className="text-sm text-ink-soft">{megabytes.format(limit / 1_000_000)} MB in all; what you delete makes room</p>
      </RowWords>
      <p className="text-sm">{megabytes.format(bytes / 1_000_000)} MB used</p>
    </Row>
  )
}

function LimitRow({ limit: { what, by, count, windowSeconds, remaining, resetSeconds } }: { readonly limit: Limit }) {
  return (
    <Row>
      <RowWords>
        <p className="truncate font-medium first-letter:uppercase">{what}</p>
        <p className="text-sm text-ink-soft">{count} in {windowOf(windowSeconds)}{by === 'address' && ', for everybody at your address'}</p>
      </RowWords>
      <p className="text-sm">{remaining} left{resetSeconds > 0 && remaining < count && <span className="text-ink-soft"> · all back in {resetSeconds < 120 ? `${resetSeconds} s` : `${Math.ceil(resetSeconds / 60)} min`}</span>}</p>
    </Row>
  )
}
