import { Secret, TOTP } from 'otpauth'
import * as z from 'zod'
import { callHttp, type HttpReply } from '../../src/testing/http-client.ts'
import type { Patch } from './lib/patches.ts'
import type { ServerProcess } from './lib/server.ts'
import { call, must } from './lib/wire.ts'

/** Sign-ins that wait for their second factor; the rivals share them evenly. */
const SIGN_INS = 20
const STEP_MILLISECONDS = 30_000

/** Servers in which a code is looked at but not used up. They must be found out. */
export const looksAtCodes: Readonly<Record<'code' | 'recovery-code', readonly Patch[]>> = {
  code: [
    { file: 'domains/factors/store.ts', from: `row('counter', '<', counter), `, to: `row('counter', '<=', counter), ` },
    { file: 'domains/factors/prove-factor.ts', from: 'step > row.counter', to: 'step >= row.counter' },
  ],
  'recovery-code': [{ file: 'domains/factors/store.ts', from: `where('code_hash', '=', hash).compile(), expectRows: 1 })`, to: `where('code_hash', '=', hash).compile() })` }],
}

const Begun = z.object({ factorId: z.string(), secret: z.string() })
const Confirmed = z.object({ recoveryCodes: z.array(z.string()) })
const Asked = z.object({ challenge: z.string() })

interface CodeRace { readonly server: ServerProcess; readonly racers: number; readonly owner: { readonly email: string; readonly password: string } }

/** Why a race was wrong; empty when exactly one was let in. */
type Wrongs = readonly string[]

function judge(replies: readonly HttpReply[]): Wrongs {
  const winners = replies.filter(({ status }) => status === 200).length
  const others = [...new Set(replies.filter(({ status }) => ![200, 401, 429].includes(status)).map(({ status, text }) => `${status} ${text.slice(0, 80)}`))]
  return [...(winners === 1 ? [] : [`${winners} won`]), ...others]
}

/** Gives the owner an authenticator app, and has many sign in at once with one code of it, then with one recovery code. */
export async function raceForCodes({ server, racers, owner }: CodeRace): Promise<{ readonly code: Wrongs; readonly 'recovery-code': Wrongs }> {
  const { factorId, secret } = Begun.parse(await must(server, 'POST /api/v1/factors/totp', {}))
  const app = new TOTP({ secret: Secret.fromBase32(secret) })
  const { recoveryCodes: [recoveryCode = ''] } = Confirmed.parse(await must(server, 'POST /api/v1/factors/totp/confirm', { factorId, code: app.generate() }))
  const post = (path: string, body: unknown, index: number) => callHttp({ port: server.port, method: 'POST', path, body, from: `127.${20 + Math.floor(index / 200)}.0.${1 + index % 200}` })
  const race = async (proof: Readonly<Record<string, string>>): Promise<Wrongs> => {
    const challenges: string[] = []
    for (let index = 0; index < SIGN_INS; index += 1) challenges.push(Asked.parse((await post('/api/v1/session', owner, index)).json).challenge)
    return judge(await Promise.all(Array.from({ length: racers }, (_, index) => post('/api/v1/session/second-factor', { challenge: challenges[index % SIGN_INS], ...proof }, index))))
  }
  // The step of the confirmation is used; a server takes the one after it too.
  const code = await race({ code: app.generate({ timestamp: Date.now() + STEP_MILLISECONDS }) })
  const recovery = await race({ recoveryCode })
  const left = z.object({ recoveryCodesLeft: z.int() }).parse((await call(server, 'GET /api/v1/factors')).body).recoveryCodesLeft
  return { code, 'recovery-code': left === 9 ? recovery : [...recovery, `${left} recovery codes are left`] }
}
