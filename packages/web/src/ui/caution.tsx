import type { ReactNode } from 'react'

/** Words on something that is not as usual, for those who see and those who hear. */
export const Caution = ({ children }: { readonly children: ReactNode }) =>
  <p role="status" className="rounded-lg bg-brass-soft px-3 py-2 text-[0.9375rem] text-brass [overflow-wrap:anywhere]">{children}</p>
