import { Nothing, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import type { Loaded } from '../../ui/use-loaded.ts'
import type { NewKey, NewServiceKey } from './key-form.tsx'
import { KeyRow, type Key, type ServiceKey } from './key-row.tsx'

interface ListProps {
  readonly label: string
  readonly nothing: string
  readonly loaded: Loaded<{ readonly items: readonly (Key | ServiceKey)[] }>
  /** Whether keys can be changed and rotated here, or only revoked. */
  readonly mayManage: boolean
  readonly onMade: (made: NewKey | NewServiceKey) => void
}

/** Keys, each with what can be done with it. */
export function KeyList({ label, nothing, loaded: { value, problem, reload }, mayManage, onMade }: ListProps) {
  return (
    <>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>{nothing}</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label={label}>{value.items.map((key) => <KeyRow key={key.id} apiKey={key} mayManage={mayManage} onChanged={reload} onMade={onMade} />)}</Rows>}
    </>
  )
}
