import { Link } from '../../app/router.tsx'
import type { ReactNode } from 'react'

/** A link below a form before the gate. */
export const Aside = ({ to, children }: { readonly to: string; readonly children: ReactNode }) =>
  <p className="mt-5 text-center text-sm"><Link to={to} className="text-gate underline underline-offset-3">{children}</Link></p>

/** Words in the place of a form. */
export const Words = ({ children }: { readonly children: ReactNode }) => <div className="flex flex-col gap-3 text-[0.9375rem]">{children}</div>
