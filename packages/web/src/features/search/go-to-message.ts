import { navigate } from '../../app/router.tsx'
import { chatOf, loadOlder, openChat } from '../chat/chats.ts'

/** A message that lies further back is reached by scrolling. */
const MOST_PAGES = 40

/** Opens a conversation at one of its messages. */
export async function goToMessage(conversationId: string, messageId: string): Promise<void> {
  navigate(`/conversations/${conversationId}`)
  await openChat(conversationId)
  const chat = () => chatOf(conversationId).get()
  for (let pages = 0; pages < MOST_PAGES && chat().older !== null && !chat().entries.some(({ id }) => id === messageId); pages += 1) await loadOlder(conversationId)
  // Once it is drawn, and the page has scrolled to the end as it does with every conversation.
  setTimeout(() => document.querySelector(`#${CSS.escape(messageId)}`)?.scrollIntoView({ block: 'center' }), 150)
}
