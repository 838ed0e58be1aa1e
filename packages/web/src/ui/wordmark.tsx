import { Gate } from './gate.tsx'

/** The name of the house with its mark. */
export const Wordmark = () => (
  <span className="inline-flex items-center gap-2.5"><Gate className="size-7" /><span className="font-display text-[1.375rem] leading-none tracking-wide">Sallyport</span></span>
)
