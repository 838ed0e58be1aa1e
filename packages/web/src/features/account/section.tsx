import type { ReactNode } from 'react'

/** One part of a page of settings. */
export function Section({ title, purpose, action, children }: { readonly title: string; readonly purpose?: string; readonly action?: ReactNode; readonly children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-4 border-t border-line pt-6">
      <div className="flex items-start justify-between gap-4 max-sm:flex-col">
        <div>
          <h2 className="font-display text-2xl">{title}</h2>
          {purpose !== undefined && <p className="mt-1 max-w-xl text-[0.9375rem] text-ink-soft">{purpose}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  )
}

/** Words that a thing went well, for those who see and those who hear. */
export const Done = ({ children }: { readonly children: ReactNode }) =>
  <p role="status" className="rounded-lg bg-gate-soft px-3 py-2 text-[0.9375rem]">{children}</p>
