import { useState } from 'react'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { Section } from '../account/section.tsx'
import type { NewKey, NewServiceKey } from './key-form.tsx'
import { KeyList } from './key-list.tsx'
import { useKeySheet } from './key-sheet.tsx'
import { useOwnKeys } from './own-keys.ts'

/** The keys of services, for those who manage them. */
function ServiceKeys({ onNew, onMade }: { readonly onNew: () => void; readonly onMade: (made: NewKey | NewServiceKey) => void }) {
  const loaded = useReply('listServiceKeys', { query: { limit: 100 } })
  return (
    <Section title="Service keys" purpose="For programs that act for themselves. Each has an account of its own that cannot sign in, and outlives the person who made it." action={<Button icon="plus" onClick={onNew}>New service key</Button>}>
      <KeyList label="Service keys" nothing="No service has a key yet." loaded={loaded} mayManage onMade={onMade} />
    </Section>
  )
}

/** Own API keys, and for administrators those of services: make, copy once, rotate, revoke. Whoever may not make any sees and revokes those of before. */
export function KeysScreen({ session }: { readonly session: Session }) {
  const [round, setRound] = useState(0)
  const { loaded, mayManage } = useOwnKeys(session)
  const { open, show, sheet } = useKeySheet(() => {
    loaded.reload()
    setRound((count) => count + 1)
  })
  const nothing = mayManage ? 'You have no keys yet. Make one to use Sallyport from an OpenAI client or your own program.' : 'You have no keys, and your role makes none.'
  return (
    <Page title="API keys" purpose="With a key, your own programs can use Sallyport as you do, under the same checks." action={mayManage && <Button look="main" icon="plus" onClick={() => open('own')}>New key</Button>}>
      <KeyList label="Keys" nothing={nothing} loaded={loaded} mayManage={mayManage} onMade={show} />
      {session.permissions.includes('service-key:manage') && <ServiceKeys key={round} onNew={() => open('service')} onMade={show} />}
      {sheet}
    </Page>
  )
}
