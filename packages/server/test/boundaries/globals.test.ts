import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { binary } from '../../../../tools/commands.ts'
import { makeScratch } from './scratch.ts'

const server = 'packages/server/src'
const clock = 'Time comes from the Clock that is passed in'
const egress = 'What goes out goes through kernel/egress'

/** A file that breaks a rule, and what the linter must say about it. */
const seeds: Readonly<Record<string, readonly [source: string, message: string]>> = {
  'packages/guard/src/date.ts': ['export const now = () => new Date()', 'it knows no time'],
  'packages/guard/src/performance.ts': ['export const now = () => performance.now()', 'it knows no time'],
  'packages/guard/src/random.ts': ['export const pick = () => Math.random()', 'can be guessed'],
  'packages/guard/src/crypto.ts': ['export const pick = () => crypto.randomUUID()', 'it knows no randomness'],
  'packages/guard/src/fetch.ts': ['export const look = () => fetch("https://example.org")', 'it reaches nothing'],
  'packages/guard/src/process.ts': ['export const home = () => process.env', 'it knows no environment'],
  'packages/guard/src/global.ts': ['export const all = () => Object.keys(globalThis)', 'it knows no environment'],
  'packages/guard/src/console.ts': ['export const say = () => { console.log(1) }', 'it says nothing but its findings'],
  'packages/guard/src/timeout.ts': ['export const wait = () => setTimeout(() => 1, 1)', 'nothing in it happens later'],
  'packages/guard/src/interval.ts': ['export const wait = () => setInterval(() => 1, 1)', 'nothing in it happens later'],
  'packages/guard/src/immediate.ts': ['export const wait = () => setImmediate(() => 1)', 'nothing in it happens later'],
  'packages/guard/src/microtask.ts': ['export const wait = () => { queueMicrotask(() => 1) }', 'nothing in it happens later'],
  [`${server}/kernel/egress.ts`]: ['export const look = () => fetch("https://example.org")', egress],
  [`${server}/adapters/mailer/a/index.ts`]: ['export const look = () => new WebSocket("wss://example.org")', egress],
  [`${server}/domains/keys/service.ts`]: ['export const now = () => Date.now()', clock],
  [`${server}/turn/stages/limit.ts`]: ['export const now = () => performance.now()', clock],
  [`${server}/edge/app.ts`]: ['export const pick = () => Math.random()', 'can be guessed'],
  [`${server}/kernel/random.ts`]: ['export const pick = () => Math.random()', 'can be guessed'],
  [`${server}/kernel/log.ts`]: ['export const say = () => { console.log(1) }', 'no-console'],
  [`${server}/kernel/any.ts`]: ['export const put = (value: any) => value', 'no-explicit-any'],
  [`${server}/kernel/bang.ts`]: ['export const first = (list: string[]) => list[0]!', 'no-non-null-assertion'],
  [`${server}/kernel/unexplained.ts`]: ['// @ts-expect-error\nexport const one: string = 1', 'ban-ts-comment'],
  [`${server}/kernel/four.ts`]: ['export const sum = (a: number, b: number, c: number, d: number) => a + b + c + d', 'max-params'],
  [`${server}/kernel/long.ts`]: [`export function long() {\n${'  void 0\n'.repeat(81)}}`, 'max-lines-per-function'],
  'packages/web/src/app/random.ts': ['export const pick = () => Math.random()', 'can be guessed'],
}

/** The same places and the same words, put as they may be. */
const clean: Readonly<Record<string, string>> = {
  'packages/guard/src/clean.ts': 'export const process = (text: string) => text.length\nexport const say = (console: { log: string }) => console.log\n',
  [`${server}/kernel/clock.ts`]: 'export const now = () => Date.now()\n',
  [`${server}/domains/keys/clean.ts`]: 'export const toMoment = (milliseconds: number) => new Date(milliseconds).toISOString()\n',
  [`${server}/kernel/three.ts`]: 'export const sum = (a: number, b: number, c: number) => a + b + c\n',
  [`${server}/kernel/short.ts`]: `export function short(): void {\n${'  void 0\n'.repeat(70)}}\n`,
  'packages/cli/src/say.ts': 'export const say = () => { console.log(1) }\n',
  [`${server}/domains/keys/service.test.ts`]: 'export const pick = () => Math.random()\n',
}

const reportSchema = z.looseObject({ diagnostics: z.array(z.looseObject({ filename: z.string(), code: z.string(), message: z.string(), help: z.string().optional() })) })

/** What the linter says, a line for each offence: file, rule, message and advice. */
function lint(files: Readonly<Record<string, string>>): readonly string[] {
  using scratch = makeScratch(files)
  const { stdout } = spawnSync(process.execPath, [binary('oxlint'), '-f', 'json'], { cwd: scratch.directory, encoding: 'utf8' })
  return reportSchema.parse(JSON.parse(stdout)).diagnostics.map(({ filename, code, message, help = '' }) => `${filename} ${code} ${message} ${help}`)
}

test('the linter says its reason for each seeded violation', () => {
  const output = lint(Object.fromEntries(Object.entries(seeds).map(([path, [source]]) => [path, `${source}\n`])))
  const missed = Object.entries(seeds).filter(([path, [, message]]) => !output.some((line) => line.startsWith(`${path} `) && line.includes(message)))
  expect(missed, output.join('\n')).toEqual([])
})

test('the linter lets clean files pass', () => {
  expect(lint(clean)).toEqual([])
})
