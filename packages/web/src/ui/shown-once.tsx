import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'

/** A secret that the server shows this once: the words say what it is for, the button copies it. */
export function ShownOnce({ value, label, children }: { readonly value: string; readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="flex flex-col gap-3">
      <p className="text-[0.9375rem]">{children}</p>
      <p data-once className="max-h-40 overflow-y-auto rounded-lg bg-sunk px-3 py-2.5 font-mono text-sm break-all whitespace-pre-wrap">{value}</p>
      <CopyButton text={value} label={label} words />
    </div>
  )
}
