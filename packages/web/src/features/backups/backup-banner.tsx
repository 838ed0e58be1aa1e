import { useEffect, useState } from 'react'
import { Link } from '../../app/router.tsx'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { call } from '../../wire/call.ts'
import { problemOf } from '../../wire/problem.ts'
import { WithCommands } from './with-commands.tsx'

/** The first look comes behind what the page needs to be of use. */
const FIRST_LOOK_MILLISECONDS = 600
const LOOK_MILLISECONDS = 10 * 60_000

/** Tells those who may mend it while no backup has succeeded, the last good one is old, or their place does not answer (DAT-3). Hiding it lasts until the page is opened anew. `isToldHere`: the screen says it itself. */
export function BackupBanner({ isToldHere }: { readonly isToldHere: boolean }) {
  const [notice, setNotice] = useState<string | null>(null)
  const [isHidden, setHidden] = useState(false)
  useEffect(() => {
    if (isToldHere) return
    const look = () => {
      call('listBackups', {}).then((state) => setNotice(state.notice), (error: unknown) => {
        const { title, detail } = problemOf(error)
        setNotice(detail ?? title)
      })
    }
    const first = setTimeout(look, FIRST_LOOK_MILLISECONDS)
    const again = setInterval(look, LOOK_MILLISECONDS)
    return () => {
      clearTimeout(first)
      clearInterval(again)
    }
  }, [isToldHere])
  if (notice === null || isHidden || isToldHere) return null
  return (
    <section aria-label="Backups" className="flex items-start gap-3 border-b border-line bg-gate-soft px-4 py-2 text-[0.9375rem]">
      <Icon name="warning" className="mt-1.5 size-5 shrink-0" />
      <p className="min-w-0 flex-1 py-1"><WithCommands text={notice} /> <Link to="/backups" className="text-gate underline underline-offset-3">See the backups</Link></p>
      <IconButton icon="close" label="Hide the note on backups" onClick={() => setHidden(true)} />
    </section>
  )
}
