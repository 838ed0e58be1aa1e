import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement } from 'react'
import { Icon, type IconName } from './icon.tsx'

export interface MenuEntry {
  readonly label: string
  readonly icon: IconName
  readonly onSelect: () => void
  readonly danger?: boolean
}

/** A button that opens a list of actions. */
export function Menu({ trigger, entries, side = 'bottom', align = 'end' }: { readonly trigger: ReactElement; readonly entries: readonly MenuEntry[]; readonly side?: 'top' | 'bottom'; readonly align?: 'start' | 'end' }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={6} className="z-50">
          <Base.Popup className="min-w-44 rounded-xl border border-line bg-surface p-1.5 shadow-card outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {entries.map(({ label, icon, onSelect, danger = false }) => (
              <Base.Item key={label} onClick={onSelect} className={`flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-[0.9375rem] outline-none data-highlighted:bg-sunk ${danger ? 'text-danger' : ''}`}>
                <Icon name={icon} />{label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
