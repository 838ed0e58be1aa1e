import type { ReactNode } from 'react'
import { Gate } from './gate.tsx'

/** The frame of the screens before the gate: a form within two arches. */
export function Archway({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-end justify-center px-3 pt-6 sm:items-center sm:py-10">
      <div className="arch w-full max-w-[27rem] border border-b-0 border-line-strong p-2.5 sm:border-b sm:p-3">
        <div className="arch border border-b-0 border-brass/50 bg-surface px-6 pt-14 pb-8 sm:border-b sm:px-10 sm:pt-16 sm:pb-10">
          <div className="mb-7 flex flex-col items-center gap-4 text-center">
            <Gate className="size-11" />
            <h1 className="font-display text-3xl">{title}</h1>
          </div>
          {children}
        </div>
      </div>
    </main>
  )
}
