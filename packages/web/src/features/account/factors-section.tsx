import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Day, Nothing, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { knowsPasskeys } from '../../wire/passkeys.ts'
import { withProof } from '../proof/proof.ts'
import type { Enrolled } from './enrolled.ts'
import { PasskeyForm } from './passkey-form.tsx'
import { Section } from './section.tsx'
import { TotpForm } from './totp-form.tsx'

type Factors = ReplyOf<'listFactors'>
type Factor = Factors['items'][number]

const kindWords = { totp: 'Authenticator app', passkey: 'Passkey' } as const satisfies Record<Factor['kind'], string>

function FactorRow({ factor, onGone }: { readonly factor: Factor; readonly onGone: () => void }) {
  const { id, kind, name, createdAt, lastUsedAt, suspendedAt, domain } = factor
  return (
    <Row>
      <RowWords>
        <p className="truncate font-medium">{name}</p>
        <p className="text-sm text-ink-soft">{kindWords[kind]}{domain !== null && ` for ${domain}`} · since <Day at={createdAt} /> · {lastUsedAt === null ? 'never used' : <>last used <Day at={lastUsedAt} /></>}</p>
        {suspendedAt !== null && <p className="text-sm font-medium text-danger">A copy of this passkey was used. It proves nothing any more: remove it.</p>}
      </RowWords>
      <ConfirmButton label={`Remove ${name}`} title={`Remove ${name}?`} consequence="It can no longer be used to sign in." verb="Remove" done={`${name} is removed.`} onConfirm={async () => {
        await withProof(() => call('deleteFactor', { params: { factorId: id } }))
        onGone()
      }} />
    </Row>
  )
}

/** Recovery codes, shown once. */
export function RecoveryCodes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  return (
    <>
      <ShownOnce value={codes.join('\n')} label="Copy codes">Keep these recovery codes where you keep your passwords. Each lets you in once when you have lost your second factor. They are shown this once.</ShownOnce>
      <Button look="main" onClick={onClose}>I have kept them</Button>
    </>
  )
}

function Recovery({ left, onRenewed }: { readonly left: number; readonly onRenewed: (codes: readonly string[]) => void }) {
  const { busy, problem, run } = useAction(async () => {
    onRenewed((await withProof(() => call('renewRecoveryCodes', {}))).recoveryCodes)
  })
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-4">
        <p className="text-[0.9375rem]">{left === 0 ? 'You have no recovery codes left.' : `${left} recovery ${left === 1 ? 'code' : 'codes'} left.`}</p>
        <Button busy={busy} onClick={() => void run()}>Make new codes</Button>
      </div>
      <ProblemNotice problem={problem} />
    </div>
  )
}

/** Second factors: an authenticator app, passkeys, recovery codes. */
export function FactorsSection({ onEnrolled }: { readonly onEnrolled?: () => void }) {
  const [adding, setAdding] = useState<'totp' | 'passkey' | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const { value, problem, reload } = useReply('listFactors', {})
  const enrolled = ({ factor, recoveryCodes }: Enrolled): void => {
    setAdding(null)
    setCodes(recoveryCodes)
    announce(`${factor.name} is added.`)
    reload()
    if (recoveryCodes === null) onEnrolled?.()
  }
  const close = (): void => {
    const hadCodes = codes !== null
    setAdding(null)
    setCodes(null)
    if (hadCodes) onEnrolled?.()
  }
  return (
    <Section title="Second factor" purpose="Beside the password, something that only you have. A passkey can also stand in for the password.">
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>{value.isRequired ? 'Your role asks for a second factor. Add one now.' : 'You have none yet: whoever knows your password gets in.'}</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Second factors">{value.items.map((factor) => <FactorRow key={factor.id} factor={factor} onGone={reload} />)}</Rows>}
      {value !== null && value.items.length > 0 && <Recovery left={value.recoveryCodesLeft} onRenewed={(made) => { setCodes(made); reload() }} />}
      <div className="flex flex-wrap gap-2">
        {knowsPasskeys() && <Button icon="key" onClick={() => setAdding('passkey')}>Add a passkey</Button>}
        <Button icon="screen" onClick={() => setAdding('totp')}>Add an authenticator app</Button>
      </div>
      <Sheet open={adding !== null || codes !== null} onClose={close} title={codes !== null ? 'Recovery codes' : adding === 'totp' ? 'Authenticator app' : 'Passkey'}>
        {codes !== null ? <RecoveryCodes codes={codes} onClose={close} /> : adding === 'totp' ? <TotpForm onEnrolled={enrolled} /> : <PasskeyForm onEnrolled={enrolled} />}
      </Sheet>
    </Section>
  )
}
