import { useEffect, useRef, useState } from 'react'
import { CopyButton } from '../copy-button.tsx'
import type { CodeToken } from './highlight.ts'

/** While code streams in, it is coloured at most this often. */
const colourEveryMilliseconds = 200

interface Coloured { readonly code: string; readonly lines: readonly (readonly CodeToken[])[] }

function useColours(code: string, language: string): Coloured | null {
  const [coloured, setColoured] = useState<Coloured | null>(null)
  const latest = useRef(code)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    latest.current = code
    timer.current ??= setTimeout(async () => {
      timer.current = null
      const wanted = latest.current
      const { highlight } = await import('./highlight.ts')
      const lines = await highlight(wanted, language).catch(() => null)
      setColoured((last) => lines === null ? last : { code: wanted, lines })
    }, colourEveryMilliseconds)
  }, [code, language])
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current) }, [])
  return coloured !== null && code.startsWith(coloured.code) ? coloured : null
}

/** Code with its language, a copy button, and colours that arrive when they are ready. */
export function CodeBlock({ code, language }: { readonly code: string; readonly language: string }) {
  const coloured = useColours(code, language)
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-surface">
      <div className="flex items-center justify-between border-b border-line py-0.5 pr-1 pl-4">
        <span className="text-sm text-ink-soft">{language === '' ? 'Text' : language}</span>
        <CopyButton text={code} label="Copy code" />
      </div>
      <pre className="overflow-x-auto px-4 py-3 font-mono text-[0.84rem] leading-[1.65]" tabIndex={0} aria-label={`Code${language === '' ? '' : ` in ${language}`}`} role="region">
        <code>
          {coloured?.lines.map((tokens, line) => (
            <span key={line}>{line > 0 && '\n'}{tokens.map(({ content, color, italic }, index) => <span key={index} style={{ color, fontStyle: italic ? 'italic' : undefined }}>{content}</span>)}</span>
          ))}
          {coloured === null ? code : code.slice(coloured.code.length)}
        </code>
      </pre>
    </div>
  )
}
