import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'

interface Common {
  readonly label: string
  readonly hint?: ReactNode
  /** The reason why the value was refused. */
  readonly refusal?: string | undefined
}
const box = 'w-full rounded-lg border border-line-strong bg-surface px-3 text-ink placeholder:text-ink-soft aria-invalid:border-danger'

function Frame({ id, label, hint, refusal, children }: Common & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-[0.9375rem] font-medium">{label}</label>
      {children}
      {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-ink-soft">{hint}</p>}
      {refusal !== undefined && <p id={`${id}-refusal`} className="text-sm font-medium text-danger">{refusal}</p>}
    </div>
  )
}
const describedBy = (id: string, { hint, refusal }: Common): { 'aria-describedby'?: string } => {
  const ids = [hint !== undefined && `${id}-hint`, refusal !== undefined && `${id}-refusal`].filter((part) => part !== false)
  return ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }
}

/** One line of text with its label, its hint and the reason it was refused. */
export function TextField({ label, hint, refusal, ...rest }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  const common = { label, hint, refusal }
  return <Frame id={id} {...common}><input id={id} className={`${box} h-11`} aria-invalid={refusal !== undefined} {...describedBy(id, common)} {...rest} /></Frame>
}

/** Several lines of text. */
export function TextArea({ label, hint, refusal, ...rest }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId()
  const common = { label, hint, refusal }
  return <Frame id={id} {...common}><textarea id={id} className={`${box} py-2`} aria-invalid={refusal !== undefined} {...describedBy(id, common)} {...rest} /></Frame>
}

/** A choice out of few, in the browser's own form. */
export function ChoiceField({ label, hint, refusal, children, ...rest }: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  const common = { label, hint, refusal }
  return <Frame id={id} {...common}><select id={id} className={`${box} h-11`} {...describedBy(id, common)} {...rest}>{children}</select></Frame>
}

interface ChecksProps<Value extends string> {
  readonly legend: string
  readonly hint?: string
  readonly choices: readonly { readonly value: Value; readonly label: string }[]
  readonly chosen: readonly Value[]
  readonly onChosen: (chosen: readonly Value[]) => void
}

/** Any number of choices out of few, under one legend. */
export function ChecksField<Value extends string>({ legend, hint, choices, chosen, onChosen }: ChecksProps<Value>) {
  const id = useId()
  return (
    <fieldset className="flex flex-col gap-1.5" {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}>
      <legend className="mb-1.5 text-[0.9375rem] font-medium">{legend}</legend>
      {choices.map(({ value, label }) => (
        <label key={value} className="flex items-center gap-3 text-[0.9375rem]">
          <input type="checkbox" className="size-4 accent-gate" checked={chosen.includes(value)} onChange={({ target }) => onChosen(target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))} />
          {label}
        </label>
      ))}
      {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-ink-soft">{hint}</p>}
    </fieldset>
  )
}
