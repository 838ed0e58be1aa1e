import { detectorTypes } from '@sallyport/guard'
import { describe, expect, test } from 'vitest'
import { createGuardPolicies, problemsOf } from './guard-policies.ts'
import { guarding, strictness, surfaceActions, surfaces, toolCalls } from './guarding.ts'
import { presets, type Preset } from './presets.ts'

const policies = (choices: Partial<Parameters<typeof createGuardPolicies>[0]> = {}) => createGuardPolicies({ preset: 'personal', recognisers: [], models: {}, ...choices })

test('every preset has a row for each type and surface, with an action that has a meaning there', () => {
  for (const table of Object.values(guarding)) for (const type of detectorTypes) for (const surface of surfaces) expect(surfaceActions[surface], `${type} ${surface}`).toContain(table[type][surface])
})

describe('recognisers of names and addresses', () => {
  test('are off unless they are switched on, each by itself', () => {
    expect([policies()('a/b').types.has('person'), policies()('a/b').values.has('postal-address')]).toEqual([false, false])
    const { types, values } = policies({ recognisers: ['postal-address'] })('a/b')
    expect([types.has('postal-address'), values.has('postal-address'), types.has('person')]).toEqual([true, true, false])
  })

  test('do not hold answers back where what they find would be let through', () => {
    expect(policies({ recognisers: ['person'] })('a/b').answer.has('person')).toBe(false)
    expect(policies({ recognisers: ['person'], models: { 'a/*': { stricter: { person: { model: 'mask' } } } } })('a/b').answer.has('person')).toBe(true)
  })
})

describe('a model', () => {
  const chosen = policies({ models: { 'far/*': { preset: 'public' }, 'far/near': { stricter: { email: { user: 'block' } } } } })

  test('has the server\'s preset where nothing is said of it, and the very table', () => {
    expect(chosen('other/model').actions).toBe(guarding.personal)
  })
  test('has its provider\'s, with the rule for tool calls', () => {
    expect(chosen('far/away').actions).toBe(guarding.public)
    expect(chosen('far/away').toolCalls).toBe(toolCalls.public)
  })
  test('has its own before its provider\'s, and stricter rows change nothing else', () => {
    const { actions } = chosen('far/near')
    expect(actions.email).toEqual({ ...guarding.personal.email, user: 'block' })
    expect({ ...actions, email: null }).toEqual({ ...guarding.personal, email: null })
  })
  test('of another provider whose name only begins alike is not meant', () => {
    expect(chosen('far-off/near').actions).toBe(guarding.personal)
  })
})

test('a row can be made stricter, never milder than the preset that holds, and only with an action of its surface', () => {
  for (const preset of Object.keys(presets) as Preset[]) {
    for (const type of detectorTypes) {
      for (const surface of surfaces) {
        for (const action of strictness) {
          const isFine = surfaceActions[surface].includes(action) && strictness.indexOf(action) >= strictness.indexOf(guarding[preset][type][surface])
          expect(problemsOf({ preset, stricter: { [type]: { [surface]: action } } }, 'personal').length, `${preset} ${type} ${surface} ${action}`).toBe(isFine ? 0 : 1)
        }
      }
    }
  }
})
