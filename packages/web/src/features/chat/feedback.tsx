import { useState, type FormEvent } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { rate } from './chats.ts'
import type { Entry } from './transcript.ts'

type Rating = 'up' | 'down'

/** Two thumbs. The rating is kept at once; the comment is asked for afterwards and may be left out. */
export function FeedbackButtons({ conversationId, entry }: { readonly conversationId: string; readonly entry: Entry }) {
  const [asking, setAsking] = useState<Rating | null>(null)
  const [comment, setComment] = useState('')
  const action = useAction(async (rating: Rating, words: string) => {
    await rate(conversationId, entry.id, { rating, ...(words.trim() !== '' && { comment: words }) })
  })
  const press = (rating: Rating): void => {
    setComment(entry.feedback?.comment ?? '')
    setAsking(rating)
    void action.run(rating, entry.feedback?.comment ?? '')
  }
  const sendComment = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (asking === null) return
    if (comment.trim() !== '') await action.run(asking, comment)
    setAsking(null)
    announce('Thank you for your comment.')
  }
  return (
    <>
      <IconButton icon="up" label="Good answer" aria-pressed={entry.feedback?.rating === 'up'} onClick={() => press('up')} />
      <IconButton icon="down" label="Bad answer" aria-pressed={entry.feedback?.rating === 'down'} onClick={() => press('down')} />
      <Sheet open={asking !== null} onClose={() => setAsking(null)} title={asking === 'down' ? 'What was wrong?' : 'What was good?'}>
        <form onSubmit={(event) => void sendComment(event)} className="flex flex-col gap-4">
          <TextArea label="Comment" hint="You may leave it out. It is kept with the answer." rows={4} maxLength={2_000} value={comment} onChange={({ target }) => setComment(target.value)} />
          <ProblemNotice problem={action.problem} />
          <div className="flex justify-end gap-2">
            <Button look="quiet" onClick={() => setAsking(null)}>No comment</Button>
            <Button type="submit" look="main" busy={action.busy}>Send comment</Button>
          </div>
        </form>
      </Sheet>
    </>
  )
}
