import { useState, type ReactNode } from 'react'
import { announce } from '../../app/announcer.tsx'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { BreakGlass } from '../break-glass/break-glass.tsx'
import type { ManagedAccount } from './managed-account.ts'

interface ActionsProps {
  readonly account: ManagedAccount
  readonly session: Session
  readonly onChanged: () => void
  readonly onGone: () => void
}

function Act({ label, done, work, children }: { readonly label: string; readonly done: string; readonly work: () => Promise<unknown>; readonly children: ReactNode }) {
  const { busy, problem, run } = useAction(async () => {
    await withProof(work)
    announce(done)
  })
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-4"><p className="text-[0.9375rem] text-ink-soft">{children}</p><Button busy={busy} onClick={() => void run()}>{label}</Button></div>
      <ProblemNotice problem={problem} />
    </div>
  )
}

function ResetLink({ accountId }: { readonly accountId: string }) {
  const [link, setLink] = useState<string | null>(null)
  return link === null
    ? <Act label="Make a link" done="The link is made. Copy it now." work={async () => { setLink((await call('createResetLink', { params: { accountId } })).link) }}>A forgotten password: make a link that sets a new one, once.</Act>
    : <ShownOnce value={link} label="Copy link">Give this link to them in person or over a channel you trust. It works once, for a day.</ShownOnce>
}

/** What can be done with an account beside its role. Each asks for a fresh proof where the server wants one. */
export function AccountActions({ account, session, onChanged, onGone }: ActionsProps) {
  const { id: accountId, name, status, lockedUntil, secondFactor, kind } = account
  const params = { accountId }
  const changed = async (work: Promise<unknown>): Promise<void> => { await work; onChanged() }
  const isMe = accountId === session.account.id
  return (
    <div className="flex flex-col gap-4 border-t border-line pt-4">
      {lockedUntil !== null && <Act label="Unlock" done="The account is unlocked." work={() => changed(call('unlockAccount', { params }))}>Wrong passwords have locked this account.</Act>}
      {kind === 'person' && <ResetLink accountId={accountId} />}
      {kind === 'person' && secondFactor && !isMe && <Act label="Reset" done="The second factors are gone." work={() => changed(call('resetFactors', { params }))}>A lost phone or passkey: remove every second factor.</Act>}
      {!isMe && <Act label="Sign out" done={`${name} is signed out everywhere.`} work={() => call('revokeAccount', { params, body: { keys: false } })}>End every session, token and running answer of this account, open links, and the invitations that it made. Its API keys stay.</Act>}
      {!isMe && (status === 'active'
        ? <Act label="Suspend" done={`${name} is suspended.`} work={() => changed(call('changeAccount', { params, body: { status: 'suspended' } }))}>Nothing of this account works until it is restored; nothing is deleted.</Act>
        : <Act label="Restore" done={`${name} is restored.`} work={() => changed(call('changeAccount', { params, body: { status: 'active' } }))}>This account is suspended.</Act>)}
      {session.permissions.includes('conversation:break-glass') && !isMe && kind === 'person' && <BreakGlass accountId={accountId} name={name} />}
      {!isMe && (
        <div className="flex items-center justify-between gap-4">
          <p className="text-[0.9375rem] text-ink-soft">Erase this account with all it owns.</p>
          <ConfirmButton label={`Erase ${name}`} title={`Erase ${name}?`} consequence="Conversations, documents and keys of this account are erased, and its data key is destroyed: nobody can bring them back." verb="Erase" done="The account is erased." onConfirm={async () => {
            await withProof(() => call('deleteAccount', { params }))
            onGone()
          }} />
        </div>
      )}
    </div>
  )
}
