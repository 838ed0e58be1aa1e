import * as z from 'zod'

// zod probes `new Function` unless it is told not to; under Trusted Types the probe itself is a violation.
// contract.ts takes this module first, before any schema exists.
z.config({ jitless: true })
