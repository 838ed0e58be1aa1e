import type { HumanCheckOffer } from '@sallyport/contract'
import { trustedScript } from '../../wire/trusted-scripts.ts'

type Widget = Extract<HumanCheckOffer, { kind: 'widget' }>
interface WidgetService { render(place: HTMLElement, options: Readonly<Record<string, unknown>>): unknown; remove(id: unknown): void }

const isService = (value: unknown): value is WidgetService => typeof value === 'object' && value !== null && 'render' in value && 'remove' in value

/** The service's script puts itself into the page as `turnstile`. */
const loaded = (): WidgetService | null => {
  const service: unknown = Reflect.get(globalThis, 'turnstile')
  return isService(service) ? service : null
}

async function load(address: string): Promise<WidgetService> {
  const present = loaded()
  if (present !== null) return present
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    script.addEventListener('load', () => { resolve() })
    script.addEventListener('error', () => { script.remove(); reject(new Error('The script of the check did not load.')) })
    script.src = trustedScript(address)
    document.head.append(script)
  })
  const service = loaded()
  if (service === null) throw new Error('The script of the check is not what it should be.')
  return service
}

/** Shows the service's widget and gives its token; null when `signal` aborts. Throws where the service does not come, or gives up. */
export async function showWidget({ script, siteKey, action, bound }: Widget, { place, signal }: { readonly place: HTMLElement; readonly signal: AbortSignal }): Promise<string | null> {
  const service = await load(script)
  if (signal.aborted) return null
  return new Promise((resolve, reject) => {
    const id = service.render(place, { sitekey: siteKey, action, cData: bound, callback: resolve, 'error-callback': () => { reject(new Error('The check gave up.')); return true } })
    signal.addEventListener('abort', () => { service.remove(id); resolve(null) }, { once: true })
  })
}
