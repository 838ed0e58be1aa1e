import { Moment, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { Section } from './section.tsx'

/** Who opened this account's conversations in an emergency, when, and why. */
export function LooksSection() {
  const { value, problem } = useReply('listConversationAccess', { query: { limit: 50 } })
  return (
    <Section title="Who looked at your conversations" purpose="Your conversations are yours. An administrator can open them for a short time in an emergency, and stands here then.">
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <p className="text-[0.9375rem] text-ink-soft">Nobody ever did.</p>}
      {value !== null && value.items.length > 0 && (
        <Rows label="Those who looked">
          {value.items.map(({ id, reader, reason, openedAt, endsAt, closedAt, reads }) => (
            <li key={id} className="px-4 py-3 sm:px-5">
              <p className="font-medium">{reader.name}</p>
              <p className="text-[0.9375rem] [overflow-wrap:anywhere]">“{reason}”</p>
              <p className="text-sm text-ink-soft"><Moment at={openedAt} /> to <Moment at={closedAt ?? endsAt} /> · {reads === 0 ? 'read nothing' : `read ${reads} ${reads === 1 ? 'time' : 'times'}`}</p>
            </li>
          ))}
        </Rows>
      )}
    </Section>
  )
}
