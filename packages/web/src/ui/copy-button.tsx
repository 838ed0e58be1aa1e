import { useState } from 'react'
import { announce } from '../app/announcer.tsx'
import { Button, IconButton } from './button.tsx'

/** Copies a text, and says whether that worked. `words` makes it a button with words. */
export function CopyButton({ text, label, words = false }: { readonly text: string; readonly label: string; readonly words?: boolean }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
      announce('Copied.')
    } catch {
      setState('refused')
      announce('The browser did not allow copying. Mark the text and copy it by hand.')
    }
    setTimeout(() => setState('idle'), 2_000)
  }
  const shown = state === 'copied' ? 'Copied' : state === 'refused' ? 'Not allowed by the browser' : label
  const icon = state === 'copied' ? 'check' : state === 'refused' ? 'warning' : 'copy'
  return words
    ? <Button icon={icon} onClick={() => void copy()}>{shown}</Button>
    : <IconButton icon={icon} label={shown} onClick={() => void copy()} />
}
