import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { KeyList } from '../keys/key-list.tsx'
import { useKeySheet } from '../keys/key-sheet.tsx'
import { useOwnKeys } from '../keys/own-keys.ts'
import { Section } from './section.tsx'

/** One's own API keys. They stay here for whoever may not make any more, so that a key of before can be ended. */
export function KeysSection({ session }: { readonly session: Session }) {
  const { loaded, mayManage } = useOwnKeys(session)
  const { open, show, sheet } = useKeySheet(loaded.reload)
  const hasKeys = loaded.value !== null && loaded.value.items.length > 0
  if (!mayManage && !hasKeys && loaded.problem === null) return null
  return (
    <Section title="API keys" purpose="Your programs call with these. Revoke what is not used any more." action={mayManage && <Button icon="plus" onClick={() => open('own')}>New key</Button>}>
      <KeyList label="Keys" nothing="You have no keys." loaded={loaded} mayManage={mayManage} onMade={show} />
      {sheet}
    </Section>
  )
}
