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

/** The same two gates, large and quiet, behind a screen that has nothing else to show. */
export function GateBackdrop() {
  return (
    <svg viewBox="0 0 800 640" fill="none" className="pointer-events-none absolute inset-x-0 bottom-0 mx-auto h-full max-w-full" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      {[380, 330, 280, 230].map((radius, index) => (
        <path key={radius} className={index % 2 === 0 ? 'stroke-line' : 'stroke-brass/25'} d={`M${400 - radius} 640V400a${radius} ${radius} 0 0 1 ${radius * 2} 0v240`} />
      ))}
    </svg>
  )
}
