import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { encode } from 'uqr'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { CodeField } from '../sign-in/code-field.tsx'
import type { Enrolled } from './enrolled.ts'

type Enrolment = ReplyOf<'beginTotp'>

/** The address as a QR code, drawn here: the seed goes to no other service. Dark on light in both themes, as scanners want it. */
function QrCode({ text }: { readonly text: string }) {
  const { data, size } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code for the authenticator app" className="mx-auto size-52 rounded-lg bg-white" shapeRendering="crispEdges"><path d={path} fill="#000" /></svg>
}

function Confirm({ enrolment, onEnrolled }: { readonly enrolment: Enrolment; readonly onEnrolled: (made: Enrolled) => void }) {
  const [code, setCode] = useState('')
  const { busy, problem, submit } = useAction(async () => {
    onEnrolled(await call('confirmTotp', { body: { factorId: enrolment.factorId, code } }))
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-[0.9375rem]">Scan this with your authenticator app, then type the code that it shows.</p>
      <QrCode text={enrolment.uri} />
      <details className="rounded-lg border border-line px-3 py-2">
        <summary className="cursor-pointer text-[0.9375rem]">I cannot scan it</summary>
        <div className="flex items-center gap-2 pt-2"><code data-seed className="min-w-0 flex-1 font-mono text-sm break-all">{enrolment.secret}</code><CopyButton text={enrolment.secret} label="Copy the seed" /></div>
      </details>
      <CodeField way="totp" value={code} onValue={setCode} problem={problem} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Add</Button>
    </form>
  )
}

const begin = (): Promise<Enrolment> => withProof(() => call('beginTotp', { body: {} }))

/** Sets up an authenticator app: a seed as QR code, then a code that proves it arrived. */
export function TotpForm({ onEnrolled }: { readonly onEnrolled: (made: Enrolled) => void }) {
  const { value, problem, reload } = useLoaded(begin)
  if (problem !== null) return <ProblemNotice problem={problem}><Button icon="retry" onClick={reload}>Try again</Button></ProblemNotice>
  return value === null ? <p role="status" className="text-ink-soft">Making a seed</p> : <Confirm enrolment={value} onEnrolled={onEnrolled} />
}
