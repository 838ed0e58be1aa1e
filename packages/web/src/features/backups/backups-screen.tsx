import type { Backup, BackupState } from '@sallyport/contract'
import { useEffect, useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Caution } from '../../ui/caution.tsx'
import { Moment, Nothing, Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { sizeWords } from '../../ui/size-words.ts'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { Section } from '../account/section.tsx'
import { FormerStores } from './former-stores.tsx'
import { WithCommands } from './with-commands.tsx'

const LOOK_MILLISECONDS = 700
const counts = new Intl.NumberFormat()
type Running = NonNullable<BackupState['running']>
const stages: Readonly<Record<Running['stage'], string>> = { reading: 'What is stored is being read.', storing: 'It is being stored.', checking: 'It is being restored into a scratch place, to prove it.', tidying: 'Backups that are kept no longer are being removed.' }

function Progress({ running: { stage, done, total } }: { readonly running: Running }) {
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="text-[0.9375rem] text-ink-soft">A backup is being made. {stages[stage]} You may leave this page.</p>
      <progress aria-label="Backup" className="h-2 w-full accent-gate" {...(total > 0 && { value: Math.min(done, total), max: total })} />
    </div>
  )
}

function Schedule({ state: { schedule, recipients } }: { readonly state: BackupState }) {
  const { everyHours, nextAt, isDue, keptDays, keptWeeks, keptMonths } = schedule
  return (
    <Section title="Schedule">
      <div className="flex flex-col gap-2 text-[0.9375rem]">
        <p>{nextAt === null ? 'None are made: nobody is named yet who could open them.' : <>One is made every {everyHours} hours{isDue ? ', and the next one begins within ten minutes.' : <>; the next one is due <Moment at={nextAt} />.</>}</>}</p>
        <p>All of the last 24 hours stay, then the newest of each of {keptDays} days, {keptWeeks} weeks and {keptMonths} months. Each that stays is read again within 30 days, and compared with what was stored.</p>
        {recipients.length > 0 && (
          <details>
            <summary>Who can open them</summary>
            <ul className="mt-2 flex flex-col gap-1 font-mono text-sm [overflow-wrap:anywhere]">{recipients.map((recipient) => <li key={recipient}>{recipient}</li>)}</ul>
          </details>
        )}
      </div>
    </Section>
  )
}

function BackupRow({ backup: { name, madeAt, bytes, rows, verifiedAt, checkedAt, problem }, onChecked }: { readonly backup: Backup; readonly onChecked: () => void }) {
  const [found, setFound] = useState<string | null>(null)
  const verifying = useAction(async () => {
    const check = await call('checkBackup', { params: { backupName: name } })
    setFound(check.ok ? null : check.problem)
    announce(check.ok ? 'It is what was stored.' : 'It is not what was stored.')
    onChecked()
  })
  const wrong = problem ?? found
  return (
    <li className="flex flex-col gap-2 px-4 py-3 sm:px-5">
      <div className="flex items-center gap-3 max-sm:flex-col max-sm:items-start">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-3"><span className="font-medium"><Moment at={madeAt} /></span><span className="font-mono text-sm text-ink-soft">{name}</span></p>
          <p className="text-sm text-ink-soft">{counts.format(rows)} rows, {sizeWords(bytes)} · proved by a restore <Moment at={verifiedAt} /> · {checkedAt === null ? 'not read again yet' : <>read again <Moment at={checkedAt} /></>}</p>
          {wrong !== null && <p className="text-sm font-medium text-danger">It does not count: {wrong}</p>}
        </div>
        <Button busy={verifying.busy} aria-label={`${verifying.busy ? 'Reading' : 'Verify'} ${name}`} onClick={() => void verifying.run()}>{verifying.busy ? 'Reading' : 'Verify'}</Button>
      </div>
      <ProblemNotice problem={verifying.problem} />
    </li>
  )
}

/** What should be known of the backups as they stand; the last failure once, where the notice does not say it. */
function Standing({ state: { notice, last } }: { readonly state: BackupState }) {
  return (
    <>
      {notice !== null && <Caution><WithCommands text={notice} /></Caution>}
      {last?.outcome === 'failed' && notice?.includes(last.problem) !== true && <p role="alert" className="text-[0.9375rem] text-danger">The last attempt, <Moment at={last.endedAt} />, failed: {last.problem}</p>}
    </>
  )
}

/** The backups that are kept, how they are made and what is wrong with them, and the stores that restores laid aside. */
export function BackupsScreen() {
  const { value: state, problem, reload } = useReply('listBackups', {})
  const making = useAction(async () => {
    await call('createBackup', {})
    announce('A backup has begun.')
    reload()
  })
  const running = state?.running ?? null
  useEffect(() => {
    if (running === null) return
    const timer = setTimeout(reload, LOOK_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [running, reload])
  return (
    <Page title="Backups" purpose="Encrypted copies of everything here, each proved by a restore. They are opened with an identity that this server never has."
      action={state !== null && running === null && <Button look="main" busy={making.busy} disabled={state.recipients.length === 0} onClick={() => void making.run()}>Make a backup now</Button>}>
      <ProblemNotice problem={problem ?? making.problem} />
      {state !== null && <Standing state={state} />}
      {running !== null && <Progress running={running} />}
      {state?.items.length === 0 && running === null && <Nothing>No backup is kept yet.</Nothing>}
      {state !== null && state.items.length > 0 && <Rows label="Backups that are kept">{state.items.map((backup) => <BackupRow key={backup.name} backup={backup} onChecked={reload} />)}</Rows>}
      {state !== null && <Schedule state={state} />}
      <FormerStores />
    </Page>
  )
}
