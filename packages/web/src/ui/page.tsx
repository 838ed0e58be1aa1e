import type { ReactNode } from 'react'

/** A plain page of administration: a title, what it is for, and its content. */
export function Page({ title, purpose, action, children }: { readonly title: string; readonly purpose: string; readonly action?: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={title}>
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-8 sm:px-6 sm:py-12">
        <header className="flex items-end justify-between gap-4 max-sm:flex-col max-sm:items-start">
          <div>
            <h1 className="font-display text-3xl sm:text-4xl">{title}</h1>
            <p className="mt-2 max-w-xl text-ink-soft">{purpose}</p>
          </div>
          {action}
        </header>
        {children}
      </div>
    </div>
  )
}

/** Says what would be here, and how it comes. */
export const Nothing = ({ children }: { readonly children: ReactNode }) =>
  <p className="rounded-xl border border-dashed border-line-strong px-5 py-8 text-center text-ink-soft">{children}</p>

/** A list of things in one frame. */
export const Rows = ({ children, label }: { readonly children: ReactNode; readonly label: string }) =>
  <ul aria-label={label} className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">{children}</ul>

/** One thing of such a list: words, and beside them what can be done with it. */
export const Row = ({ children }: { readonly children: ReactNode }) => <li className="flex items-center gap-3 px-4 py-3 sm:px-5">{children}</li>
/** The words of a row. They take what room its buttons leave. */
export const RowWords = ({ children }: { readonly children: ReactNode }) => <div className="min-w-0 flex-1">{children}</div>

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
/** A day in the reader's own form. */
export const Day = ({ at }: { readonly at: string }) => <time dateTime={at}>{dates.format(new Date(at))}</time>

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
/** A day and its time, in the reader's own form. */
export const Moment = ({ at }: { readonly at: string }) => <time dateTime={at}>{times.format(new Date(at))}</time>

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
/** Until when something holds, to the second and with the zone, in the reader's own form. Rounded up: whoever waits until then has waited long enough. */
export const Until = ({ at }: { readonly at: string }) => <time dateTime={at}>{moments.format(new Date(Math.ceil(Date.parse(at) / 1_000) * 1_000))}</time>
