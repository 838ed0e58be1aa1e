import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'

const backdrop = 'fixed inset-0 z-40 bg-shade transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0'
const card = 'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 flex-col gap-4 overflow-y-auto rounded-2xl border border-line bg-surface p-6 shadow-card transition-[opacity,scale] duration-150 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0'

interface Asking {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
}

/** Asks before something that cannot be taken back. It closes by its own buttons and Escape alone. */
export function Question({ open, onClose, title, children }: Asking) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => { if (!next) onClose() }}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdrop} />
        <AlertDialog.Popup className={card}>
          <AlertDialog.Title className="font-display text-2xl">{title}</AlertDialog.Title>
          {children}
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** A small form above the page. */
export function Sheet({ open, onClose, title, children }: Asking) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => { if (!next) onClose() }}>
      <Dialog.Portal>
        <Dialog.Backdrop className={backdrop} />
        <Dialog.Popup className={card}>
          <div className="flex items-start justify-between gap-4">
            <Dialog.Title className="font-display text-2xl">{title}</Dialog.Title>
            <Dialog.Close render={<IconButton icon="close" label="Close" className="-mt-1 -mr-2" />} />
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface SideProps extends Asking {
  readonly side: 'left' | 'right'
  /** False lets the rest of the page be used meanwhile. */
  readonly modal: boolean
  /** `sr-only` where the content names itself. */
  readonly titleClassName?: string
}

/** A panel at the side of the page; the whole width of a phone when it stands right. */
export function SidePanel({ open, onClose, title, children, side, modal, titleClassName = 'font-display text-xl' }: SideProps) {
  const place = side === 'left'
    ? 'left-0 w-[min(20rem,88vw)] border-r data-ending-style:-translate-x-full data-starting-style:-translate-x-full'
    : 'right-0 w-full border-l sm:w-[26rem] data-ending-style:translate-x-full data-starting-style:translate-x-full'
  return (
    <Dialog.Root open={open} modal={modal} disablePointerDismissal={!modal} onOpenChange={(next) => { if (!next) onClose() }}>
      <Dialog.Portal>
        {modal && <Dialog.Backdrop className={backdrop} />}
        <Dialog.Popup className={`fixed inset-y-0 z-50 flex flex-col border-line bg-surface shadow-card transition-transform duration-200 ${place}`}>
          <div className="flex items-center justify-between gap-3 px-5 pt-4 pb-2">
            <Dialog.Title className={titleClassName}>{title}</Dialog.Title>
            <Dialog.Close render={<IconButton icon="close" label="Close" className="-mr-2 ml-auto" />} />
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
