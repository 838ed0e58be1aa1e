import { connect, type PeerCertificate } from 'node:tls'
import { isLoopback } from '../../kernel/loopback.ts'
import { doctorLimits } from '../../policy/doctor.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

const DAY_MILLISECONDS = 86_400_000

/** The certificate that people meet at the public address: whether this machine trusts it, for that name, and for how long. Only that address is asked. */
export const checkCertificates: Check = async ({ config: { http: { publicUrl } }, now }) => {
  if (publicUrl === undefined || new URL(publicUrl).protocol !== 'https:') return [good('certificates', 'No public address with TLS is set: there is no certificate to look at.')]
  const { hostname, port } = new URL(publicUrl)
  const met = await meet({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) })
  return [judge(publicUrl, met, now)]
}

type Met = { readonly kind: 'certificate'; readonly certificate: PeerCertificate; readonly refusal: string | null } | { readonly kind: 'silence'; readonly code: string }

/** Shakes hands and leaves. Verification is told, not enforced: nothing is sent. */
const meet = ({ host, port }: { readonly host: string; readonly port: number }) => new Promise<Met>((resolve) => {
  const socket = connect({ host, port, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: false })
  const end = (met: Met) => { socket.destroy(); resolve(met) }
  socket.setTimeout(doctorLimits.connectMilliseconds, () => { end({ kind: 'silence', code: 'no answer in time' }) })
  socket.once('error', (error: Error & { readonly code?: string }) => { end({ kind: 'silence', code: error.code ?? 'no TLS' }) })
  // `authorizationError` is the code as text, whatever its declared type says.
  socket.once('secureConnect', () => { end({ kind: 'certificate', certificate: socket.getPeerCertificate(), refusal: socket.authorized ? null : String(socket.authorizationError) }) })
})

function judge(publicUrl: string, met: Met, now: number): Finding {
  if (met.kind === 'silence') {
    return bad('certificates', isLoopback(new URL(publicUrl).hostname) ? 'problem' : 'warning', { found: `${publicUrl} does not answer with TLS (${met.code}).`, means: 'People cannot reach the server there, or this machine cannot reach its own public address.', mend: 'See that the proxy runs, and that its name leads to it; else ask for the address from another machine.' })
  }
  if (met.refusal !== null) {
    return bad('certificates', 'problem', { found: `The certificate at ${publicUrl} is not trusted here: ${met.refusal}.`, means: 'Browsers warn, and programs refuse to connect.', mend: 'Give the proxy a whole chain for that name; a private authority is named in NODE_EXTRA_CA_CERTS.' })
  }
  const ends = Date.parse(met.certificate.valid_to)
  const days = Math.floor((ends - now) / DAY_MILLISECONDS)
  const { warning, problem } = doctorLimits.certificateDays
  const found = `The certificate at ${publicUrl} is valid until ${new Date(ends).toISOString().slice(0, 10)}, ${days} more days.`
  return days >= warning ? good('certificates', found) : bad('certificates', days < problem ? 'problem' : 'warning', { found, means: 'From then on nobody can connect.', mend: 'See why the proxy has not renewed it yet.' })
}
