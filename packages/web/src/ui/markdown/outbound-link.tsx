import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState, type ReactNode } from 'react'
import { Button } from '../button.tsx'
import { CopyButton } from '../copy-button.tsx'
import { Question } from '../dialog.tsx'
import type { Address } from './addresses.ts'

/**
 * A link that a model wrote. It is a button: nothing is prefetched, and no middle click, drag or key opens it past the
 * question that shows the whole address.
 */
export function OutboundLink({ address, className, children }: { readonly address: Address; readonly className?: string; readonly children: ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" aria-haspopup="dialog" className={className ?? 'cursor-pointer text-gate underline decoration-1 underline-offset-3 hover:decoration-2'} onClick={() => setOpen(true)}>{children}</button>
      <Question open={open} onClose={() => setOpen(false)} title="Leave Sallyport?">
        <AlertDialog.Description className="text-ink-soft">This link was written by a model. Opening it tells {address.host} that you did, and everything in the address:</AlertDialog.Description>
        <p className="max-h-48 overflow-y-auto rounded-lg bg-sunk px-3 py-2 font-mono text-sm break-all" tabIndex={0} role="region" aria-label="The whole address">{address.href}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <AlertDialog.Close render={<Button>Stay here</Button>} />
          <CopyButton text={address.href} label="Copy address" words />
          <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" onClick={() => setOpen(false)} className="inline-flex min-h-10 items-center rounded-lg bg-gate px-4 text-[0.9375rem] font-medium text-on-gate hover:bg-gate-deep">Open it</a>
        </div>
      </Question>
    </>
  )
}
