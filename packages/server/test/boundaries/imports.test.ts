import { describe, expect, test } from 'vitest'
import { findBoundaryOffences, findCycles, rules } from '../../../../tools/boundaries.ts'
import { readImports } from '../../../../tools/imports.ts'
import { layerOf, layers, type Layer } from '../../../../tools/layers.ts'
import { readSources } from '../../../../tools/source.ts'
import { makeScratch } from './scratch.ts'

const server = 'packages/server/src'

function offencesOf(files: Readonly<Record<string, string>>): readonly string[] {
  using scratch = makeScratch(files)
  const imports = readImports(scratch.directory, readSources(scratch.directory))
  return [...findBoundaryOffences(imports), ...findCycles(imports)].map(({ path, line, message }) => `${path}:${line} ${message}`)
}

interface Seed { readonly path: string; readonly offends: string; readonly clean: string }

/** For each rule: a file that breaks it, and the same file doing what the rule asks for. */
const seeds: Readonly<Record<string, Seed>> = {
  'nothing-imports-the-ends': { path: `${server}/ops/index.ts`, offends: `import { run } from '@sallyport/cli'`, clean: `import { operations } from '@sallyport/contract'` },
  'packages-by-name': { path: `${server}/kernel/problem.ts`, offends: `import { problems } from '../../../contract/src/problems.ts'`, clean: `import { problems } from '@sallyport/contract'` },
  'no-test-code-in-production': { path: `${server}/edge/app.ts`, offends: `import { buildApp } from '../testing/app.ts'`, clean: `import { runTurn } from '../turn/run-turn.ts'` },
  'no-model-packages': { path: `${server}/adapters/model-provider/openai/wire.ts`, offends: `import { generateText } from 'ai'`, clean: `import type { ModelProvider } from '../../../ports/model-provider.ts'` },
  'guard-is-pure': { path: 'packages/guard/src/inspect.ts', offends: `import { createHash } from 'node:crypto'`, clean: `import { findPhoneNumbersInText } from 'libphonenumber-js/max'` },
  'contract-needs-zod-alone': { path: 'packages/contract/src/events.ts', offends: `import type { FastifyInstance } from 'fastify'`, clean: `import * as z from 'zod/mini'` },
  'page-knows-no-node': { path: 'packages/web/src/app/shell.tsx', offends: `import { readFileSync } from 'node:fs'`, clean: `import { useState } from 'react'` },
  'ports-are-interfaces': { path: `${server}/ports/speaker.ts`, offends: `import { toMoment } from '../kernel/clock.ts'`, clean: `import type { Clock } from '../kernel/clock.ts'` },
  'adapters-stand-alone': { path: `${server}/adapters/key-vault/keyring/index.ts`, offends: `import { read } from '../key-file/index.ts'`, clean: `import { read } from '../shared/local-key.ts'` },
  'compose-picks-adapters': { path: `${server}/turn/run-turn.ts`, offends: `import { modelProviders } from '../adapters/model-provider/index.ts'`, clean: `import type { ModelProvider } from '../ports/model-provider.ts'` },
  'configuration-is-passed-down': { path: `${server}/domains/accounts/service.ts`, offends: `import { loadConfig } from '../../config/load.ts'`, clean: `import { limits } from '../../policy/limits.ts'` },
  'stages-mark-turns': { path: `${server}/turn/run-turn.ts`, offends: `import { passed } from './passed.ts'`, clean: `import type { Received } from './turn.ts'` },
  'scopes-are-identified': { path: `${server}/turn/stages/record.ts`, offends: `import { openScope } from '../../kernel/scope.ts'`, clean: `import type { Scope } from '../../kernel/scope.ts'` },
  'domains-do-not-know-http': { path: `${server}/domains/keys/routes.ts`, offends: `import type { FastifyRequest } from 'fastify'`, clean: `import type { Handlers } from '../../kernel/handler.ts'` },
  'one-egress': { path: `${server}/adapters/alert-sink/webhook/index.ts`, offends: `import { request } from 'node:https'`, clean: `import type { EgressRequest } from '../../../ports/egress.ts'` },
  'sql-stays-in-stores': { path: `${server}/domains/keys/service.ts`, offends: `import { sql } from 'kysely'`, clean: `import type { KeyStore } from './store.ts'` },
  'drivers-stay-in-the-database': { path: `${server}/ops/backup.ts`, offends: `import SQLite from 'better-sqlite3-multiple-ciphers'`, clean: `import type { Database } from '../database/database.ts'` },
  'domains-by-their-index': { path: `${server}/turn/stages/retrieve.ts`, offends: `import { rank } from '../../domains/knowledge/rank.ts'`, clean: `import { search } from '../../domains/knowledge/index.ts'` },
  'imports-are-literal': { path: `${server}/compose/index.ts`, offends: `const name = 'x'; await import(name)`, clean: `await import('../edge/app.ts')` },
}

describe('every rule of the house has teeth', () => {
  test.each(rules)('$id refuses its seeded violation with its reason', ({ id, reason }) => {
    const seed = seeds[id]
    expect(seed, `no seed for ${id}`).toBeDefined()
    if (seed === undefined) return
    const offences = offencesOf({ [seed.path]: `${seed.offends}\n` })
    expect(offences).toHaveLength(1)
    expect(offences[0]).toContain(`${seed.path}:1 `)
    expect(offences[0]).toContain(reason)
  })

  test.each(rules)('$id lets the right way pass', ({ id }) => {
    const seed = seeds[id]
    if (seed !== undefined) expect(offencesOf({ [seed.path]: `${seed.clean}\n` })).toEqual([])
  })

  test('a rule without a seed, or a seed without a rule, is noticed', () => {
    expect(Object.keys(seeds).toSorted()).toEqual(rules.map(({ id }) => id).toSorted())
  })
})

const places: Readonly<Record<Exclude<Layer, 'testing' | 'tools'>, string>> = {
  contract: 'packages/contract/src/a.ts', guard: 'packages/guard/src/a.ts', web: 'packages/web/src/a.ts', cli: 'packages/cli/src/a.ts',
  main: `${server}/main.ts`, compose: `${server}/compose/a.ts`, edge: `${server}/edge/a.ts`, turn: `${server}/turn/a.ts`, domains: `${server}/domains/keys/index.ts`,
  policy: `${server}/policy/a.ts`, kernel: `${server}/kernel/a.ts`, ports: `${server}/ports/a.ts`, adapters: `${server}/adapters/mailer/smtp/a.ts`,
  database: `${server}/database/a.ts`, config: `${server}/config/a.ts`, ops: `${server}/ops/a.ts`,
}
const arrows = Object.entries(places).flatMap(([from, path]) => Object.entries(places).filter(([to]) => to !== from).map(([to, target]) => ({ from, path, to, target })))
const isDrawn = ({ from, to }: { from: string; to: string }) => Object.entries(layers).some(([name, { mayImport }]) => name === from && mayImport.some((layer) => layer === to))
/** As that layer would write it: types alone, because a port may import nothing else. */
function importOf(path: string, target: string): string {
  const [, own] = path.split('/')
  const [, other = '', ...rest] = target.split('/')
  const within = `${'../'.repeat(path.split('/').length - 3) || './'}${rest.join('/')}`
  const across = other === 'server' ? '@sallyport/server/' + rest.join('/') : `@sallyport/${other}`
  return `import type { A } from '${own === other ? within : across}'\n`
}

describe('every arrow that is not drawn is refused', () => {
  test.each(arrows.filter((arrow) => !isDrawn(arrow)))('$from → $to', ({ path, target }) => {
    expect(offencesOf({ [path]: importOf(path, target) })).toHaveLength(1)
  })

  test.each(arrows.filter((arrow) => isDrawn(arrow) && arrow.to !== 'ops'))('$from → $to is drawn, and passes', ({ path, target }) => {
    expect(offencesOf({ [path]: importOf(path, target) })).toEqual([])
  })

  test('a file outside every layer is refused', () => {
    expect(offencesOf({ [`${server}/helpers/a.ts`]: `import type { A } from '../kernel/a.ts'\n` }).join()).toContain('lies in no layer of the house')
  })
})

describe('every way of importing is seen', () => {
  const path = `${server}/domains/keys/service.ts`
  test.each([
    ['a re-export', `export { loadConfig } from '../../config/load.ts'`],
    ['a re-export of everything', `export * from '../../config/load.ts'`],
    ['an import for its effect', `import '../../config/load.ts'`],
    ['a dynamic import', `export const load = () => import('../../config/load.ts')`],
    ['an import type', `export type Config = import('../../config/load.ts').Config`],
    ['a worker\'s file', `export const file = new URL('../../config/load.ts', import.meta.url)`],
  ])('%s', (_name, text) => {
    expect(offencesOf({ [path]: `${text}\n` }).join()).toContain('the configuration is read once and passed down')
  })

  test('words in a comment or a string are not an import', () => {
    expect(offencesOf({ [path]: `// import '../../config/load.ts'\nexport const text = "import '../../config/load.ts'"\n` })).toEqual([])
  })
})

describe('no circles', () => {
  test('a circle of three files is found and its path is told, also when an arrow is a type', () => {
    const [offence = ''] = offencesOf({
      [`${server}/kernel/a.ts`]: `import { b } from './b.ts'\nexport const a = b\n`,
      [`${server}/kernel/b.ts`]: `import type { C } from './c.ts'\nexport const b: C = 1\n`,
      [`${server}/kernel/c.ts`]: `import { a } from './a.ts'\nexport type C = typeof a\n`,
    })
    expect(offence).toContain(`closes a circle of imports: ${server}/kernel/a.ts → ${server}/kernel/b.ts → ${server}/kernel/c.ts → ${server}/kernel/a.ts`)
  })

  test('two ways to the same file are no circle', () => {
    expect(offencesOf({
      [`${server}/kernel/a.ts`]: `import './b.ts'\nimport './c.ts'\n`, [`${server}/kernel/b.ts`]: `import './c.ts'\n`, [`${server}/kernel/c.ts`]: 'export const c = 1\n',
    })).toEqual([])
  })
})

test('every file of the server lies in a layer', () => {
  expect(layerOf(`${server}/domains/keys/store.ts`)).toBe('domains')
  expect(layerOf(`${server}/elsewhere/store.ts`)).toBeUndefined()
})
