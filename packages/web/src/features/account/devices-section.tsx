import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Day, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { Section } from './section.tsx'

/** Where this account is signed in: browsers, and programs that hold tokens. */
export function DevicesSection() {
  const { value, problem, reload } = useReply('listSessions', {})
  const ending = useAction(async () => {
    await withProof(() => call('endOtherSessions', {}))
    announce('You are signed out everywhere else.')
    reload()
  })
  const failed = problem ?? ending.problem
  const others = value?.items.some(({ isCurrent }) => !isCurrent) === true
  return (
    <Section title="Where you are signed in" purpose="End what you do not recognise, then change your password." action={others && <Button busy={ending.busy} onClick={() => void ending.run()}>Sign out everywhere else</Button>}>
      <ProblemNotice problem={failed} />
      {value !== null && (
        <Rows label="Sign-ins">
          {value.items.map(({ id, kind, isCurrent, browser, system, network, createdAt, lastSeenAt }) => (
            <Row key={id}>
              <RowWords>
                <p className="truncate font-medium">{browser}{kind === 'browser' ? ` on ${system}` : ', a program'}{isCurrent && <span className="font-normal text-ink-soft"> · this one</span>}</p>
                <p className="text-sm text-ink-soft">From {network} · since <Day at={createdAt} /> · last seen <Day at={lastSeenAt} /></p>
              </RowWords>
              {!isCurrent && <ConfirmButton label={`End ${browser} on ${system}`} title="End this sign-in?" consequence="It is signed out at once, and answers that run for it stop." verb="End" done="The sign-in is ended." onConfirm={async () => {
                await call('endSession', { params: { sessionId: id } })
                reload()
              }} />}
            </Row>
          ))}
        </Rows>
      )}
    </Section>
  )
}
