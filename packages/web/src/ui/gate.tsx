/** What the two gates are doing: one is open at a time. `outgoing`: the question is inspected; `incoming`: the answer is. */
export type GateState = 'closed' | 'outgoing' | 'incoming'

/** The mark of the house: an outer and an inner gate. While a turn runs, the gate that is open breathes. */
export function Gate({ state = 'closed', className = 'size-6' }: { readonly state?: GateState; readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" strokeWidth="2.2" strokeLinecap="round" className={`gate ${className}`} data-state={state} aria-hidden="true">
      <path className="gate-outer" d="M5 27V16a11 11 0 0 1 22 0v11" />
      <path className="gate-inner" d="M11.5 27V17a4.5 4.5 0 0 1 9 0v10" />
    </svg>
  )
}

/** The same two gates, large and quiet, around a screen that has nothing else to show. */
export function GateBackdrop() {
  return (
    <div className="pointer-events-none absolute inset-x-2 top-4 bottom-0 mx-auto max-w-[54rem] max-sm:mask-b-from-0% max-sm:mask-b-to-45% sm:inset-x-6 sm:top-6" aria-hidden="true">
      <div className="size-full rounded-t-[27rem] border border-b-0 border-line px-3 pt-3 sm:px-4 sm:pt-4"><div className="size-full rounded-t-[26rem] border border-b-0 border-brass/30" /></div>
    </div>
  )
}
