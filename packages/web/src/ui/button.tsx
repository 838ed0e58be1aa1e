import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

const looks = {
  main: 'bg-gate text-on-gate hover:bg-gate-deep',
  plain: 'border border-line bg-surface text-ink hover:border-ink-soft',
  quiet: 'text-ink-soft hover:bg-sunk hover:text-ink',
  danger: 'bg-danger text-on-danger hover:opacity-90',
} as const

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks
  readonly icon?: IconName
  readonly busy?: boolean
  readonly children: ReactNode
}

/** A button with words. While `busy` it keeps its place and takes no presses. */
export function Button({ look = 'plain', icon, busy = false, className = '', children, type = 'button', disabled, ...rest }: ButtonProps) {
  return (
    <button type={type} disabled={disabled === true || busy} aria-busy={busy} className={`inline-flex min-h-10 cursor-pointer items-center justify-center gap-2 rounded-lg px-4 whitespace-nowrap text-[0.9375rem] font-medium transition-colors disabled:cursor-default disabled:opacity-60 ${looks[look]} ${className}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}{children}
    </button>
  )
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  readonly icon: IconName
  /** What it does, for those who cannot see the icon, and on hover. */
  readonly label: string
}

/** A button with a picture alone. */
export function IconButton({ icon, label, className = '', type = 'button', ...rest }: IconButtonProps) {
  return (
    <button type={type} aria-label={label} title={label} className={`inline-flex size-9 shrink-0 cursor-pointer items-center justify-center rounded-lg text-ink-soft transition-colors hover:bg-sunk hover:text-ink aria-pressed:bg-gate-soft aria-pressed:text-gate disabled:cursor-default disabled:opacity-50 ${className}`} {...rest}>
      <Icon name={icon} className="size-[1.15rem]" />
    </button>
  )
}
