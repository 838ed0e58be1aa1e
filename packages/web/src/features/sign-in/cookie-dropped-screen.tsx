import { checkSession } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'

/** The password was right, and the browser did not keep the session: says why, and what helps. */
export function CookieDroppedScreen() {
  const port = location.port === '' ? '' : `:${location.port}`
  return (
    <Archway title="The browser dropped your session">
      <div className="flex flex-col gap-4 text-[0.9375rem]">
        <p>Your password was right, but the session cookie is marked as secure, and this browser does not keep such a cookie at {location.origin}.</p>
        <p>One of these helps:</p>
        <ul className="list-disc space-y-2 pl-5">
          <li>Open <strong className="[overflow-wrap:anywhere]">http://127.0.0.1{port}</strong> or <strong className="[overflow-wrap:anywhere]">http://localhost{port}</strong> on this machine, in Chromium or Firefox.</li>
          <li>Or give Sallyport a certificate, and open it over https.</li>
        </ul>
        <Button onClick={() => void checkSession()}>Try again</Button>
      </div>
    </Archway>
  )
}
