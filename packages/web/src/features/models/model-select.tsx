import { Select } from '@base-ui/react/select'
import { useStore } from '../../app/store.ts'
import { Icon } from '../../ui/icon.tsx'
import { groupByProvider, modelsStore, type Model } from './models.ts'

/** Chooses who answers. */
export function ModelSelect({ model, disabled, onChoose }: { readonly model: Model | null; readonly disabled: boolean; readonly onChoose: (model: Model) => void }) {
  const { items } = useStore(modelsStore)
  const choose = (id: string | null): void => {
    const chosen = items.find((item) => item.id === id)
    if (chosen !== undefined) onChoose(chosen)
  }
  return (
    <Select.Root value={model?.id ?? null} onValueChange={choose} disabled={disabled || items.length === 0} items={items.map(({ id, name }) => ({ value: id, label: name }))}>
      <Select.Trigger aria-label="Model" className="flex h-9 max-w-[11rem] min-w-0 cursor-pointer items-center gap-1.5 rounded-lg px-2.5 text-sm font-medium text-ink-soft transition-colors hover:bg-sunk hover:text-ink data-disabled:cursor-default data-popup-open:bg-sunk sm:max-w-[16rem]">
        <span className="truncate"><Select.Value placeholder="No model" /></span>
        <Select.Icon><Icon name="chevron" className="size-4" /></Select.Icon>
      </Select.Trigger>
      <Select.Portal container={document.getElementById('main')}>
        <Select.Positioner side="top" align="start" sideOffset={6} alignItemWithTrigger={false} className="z-50">
          <Select.Popup className="max-h-[min(24rem,var(--available-height))] max-w-[min(22rem,calc(100vw-1.5rem))] min-w-56 overflow-y-auto rounded-xl border border-line bg-surface p-1.5 shadow-card outline-none">
            <Select.List>
              {groupByProvider(items).map(({ provider, models }) => (
                <Select.Group key={provider}>
                  <Select.GroupLabel className="px-3 pt-2 pb-1 text-xs font-semibold text-ink-soft">{provider}</Select.GroupLabel>
                  {models.map(({ id, name, capabilities }) => (
                    <Select.Item key={id} value={id} className="flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 py-1.5 outline-none data-highlighted:bg-sunk">
                      <span className="min-w-0 flex-1">
                        <Select.ItemText className="block text-[0.9375rem] [overflow-wrap:anywhere]">{name}</Select.ItemText>
                        {capabilities.grounding && <span className="block text-xs text-ink-soft">Answers from documents alone</span>}
                      </span>
                      <Select.ItemIndicator className="text-gate"><Icon name="check" /></Select.ItemIndicator>
                    </Select.Item>
                  ))}
                </Select.Group>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  )
}
