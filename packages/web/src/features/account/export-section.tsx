import type { ReplyOf } from '@sallyport/contract'
import { useEffect } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Day } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call, send } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { Section } from './section.tsx'

type Export = ReplyOf<'exportOwnAccount'>
const LOOK_MILLISECONDS = 700

const sizes = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 })

function Progress({ made }: { readonly made: Export }) {
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="text-[0.9375rem] text-ink-soft">Your export is being made: {made.done} of {made.total} entries. You may leave this page.</p>
      <progress aria-label="Export" className="h-2 w-full accent-gate" value={made.done} max={Math.max(1, made.total)} />
    </div>
  )
}

function Ready({ made }: { readonly made: Export }) {
  const saving = useAction(async () => {
    const response = await withProof(() => send('downloadOwnExport', { params: { exportId: made.id } }))
    saveFile(`sallyport-export-${made.begunAt.slice(0, 10)}.zip`, await response.blob())
    announce('Your export is saved.')
  })
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-4 rounded-xl border border-line bg-surface px-4 py-3 max-sm:flex-col max-sm:items-start sm:px-5">
        <div>
          <p className="font-medium">Your export is ready</p>
          <p className="text-sm text-ink-soft">{made.done} entries, {sizes.format(Math.max(1, Math.ceil(made.bytes / 1_000)))} · made <Day at={made.begunAt} /> · removed from the server on <Day at={made.expiresAt} /></p>
        </div>
        <Button icon="download" look="main" busy={saving.busy} onClick={() => void saving.run()}>Download</Button>
      </div>
      <ProblemNotice problem={saving.problem} />
    </div>
  )
}

/** Everything that the server holds on this account, as a file to take along. It goes on by itself, also when the page is closed. */
export function ExportSection() {
  const { value, problem, reload } = useReply('getOwnExport', {})
  const made = value?.last ?? null
  const asking = useAction(async () => {
    await withProof(() => call('exportOwnAccount', {}))
    announce('Your export has begun.')
    reload()
  })
  useEffect(() => {
    if (made?.state !== 'running') return
    const timer = setTimeout(reload, LOOK_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [made, reload])
  const failed = problem ?? asking.problem
  return (
    <Section title="Your data" purpose="Everything that is held on you, as a zip of JSON and Markdown: conversations, documents, keys without their secrets, sign-ins and what the audit log says of you."
      action={made?.state !== 'running' && <Button busy={asking.busy} onClick={() => void asking.run()}>{made?.state === 'ready' ? 'Make a new export' : 'Make an export'}</Button>}>
      <ProblemNotice problem={failed} />
      {made?.state === 'running' && <Progress made={made} />}
      {made?.state === 'ready' && <Ready made={made} />}
      {made?.state === 'failed' && <p role="alert" className="text-[0.9375rem]">The last export failed. Make it again; if it fails once more, ask whoever runs this server.</p>}
    </Section>
  )
}
