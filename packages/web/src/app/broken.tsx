import { Component, type ReactNode } from 'react'
import { Archway } from '../ui/archway.tsx'
import { Button } from '../ui/button.tsx'

interface BrokenState { readonly broken: boolean }

/** Stands in for a page that threw while it was drawn. Conversations are on the server: loading again loses at most a draft. */
export class Broken extends Component<{ readonly children: ReactNode }, BrokenState> {
  override readonly state: BrokenState = { broken: false }

  static getDerivedStateFromError(): BrokenState {
    return { broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <Archway title="This page broke">
        <div className="flex flex-col gap-5 text-center">
          <p role="alert">Your conversations are safe on the server. Load the page again to go on.</p>
          <Button look="main" icon="retry" onClick={() => location.reload()}>Load again</Button>
        </div>
      </Archway>
    )
  }
}
