import { usualTypes, type Action, type DetectorType, type Recogniser, type Surface } from '@sallyport/guard'
import { detectorTypes, guarding, recognisers, strictness, surfaceActions, surfaces, toolCalls, type Guarding, type ToolCallRule } from './guarding.ts'
import type { Preset } from './presets.ts'

/** A model's own choice: another preset, and rows that are stricter than it. */
export interface ModelGuarding {
  readonly preset?: Preset | undefined
  readonly stricter?: Readonly<Partial<Record<DetectorType, Readonly<Partial<Record<Surface, Action | undefined>>> | undefined>>> | undefined
}

/** Why a model's choice cannot be taken, as sentences that say what to do; none when it can. `preset` is the server's. */
export function problemsOf({ preset: own, stricter = {} }: ModelGuarding, preset: Preset): readonly string[] {
  const problems: string[] = []
  for (const { type, surface, action } of rowsOf(stricter)) {
    const usual = guarding[own ?? preset][type][surface]
    if (!surfaceActions[surface].includes(action)) problems.push(`stricter.${type}.${surface}: ${action} has no meaning there. Choose among ${surfaceActions[surface].join(', ')}.`)
    else if (strictness.indexOf(action) < strictness.indexOf(usual)) problems.push(`stricter.${type}.${surface}: ${action} is milder than ${usual}, which the preset ${own ?? preset} says. Rows can only be made stricter.`)
  }
  return problems
}

const rowsOf = (stricter: NonNullable<ModelGuarding['stricter']>) => detectorTypes.flatMap((type) => surfaces.flatMap((surface) => {
  const action = stricter[type]?.[surface]
  return action === undefined ? [] : [{ type, surface, action }]
}))

/** All that the guard does for one model. */
export interface GuardPolicy {
  readonly actions: Guarding
  readonly toolCalls: ToolCallRule
  /** What is looked for in whole texts. */
  readonly types: ReadonlySet<DetectorType>
  /** The values among them: where nobody gives instructions, or by right. */
  readonly values: ReadonlySet<DetectorType>
  /** What is looked for in an answer. A recogniser whose findings would be let through is spared, and the wait that it costs. */
  readonly answer: ReadonlySet<DetectorType>
}
/** The policy for a model's id, `PROVIDER/MODEL`. */
export type GuardPolicyFor = (model: string) => GuardPolicy

interface GuardChoices { readonly preset: Preset; readonly recognisers: readonly Recogniser[]; readonly models: Readonly<Record<string, ModelGuarding>> }

/** Chooses by a model's id: its own entry, or that of its provider (`PROVIDER/*`), or the server's preset. The entries must have no problems (`problemsOf`). */
export function createGuardPolicies({ preset, recognisers: on, models }: GuardChoices): GuardPolicyFor {
  const types = new Set<DetectorType>([...usualTypes, ...on])
  const usual = toPolicy({}, preset, types)
  const chosen = new Map(Object.entries(models).map(([id, choice]) => [id, toPolicy(choice, preset, types)]))
  return (model) => chosen.get(model) ?? chosen.get(`${model.slice(0, model.indexOf('/'))}/*`) ?? usual
}

const wholeTextsOnly = /^(?:hidden-text|injection-)/

function toPolicy({ preset: own, stricter }: ModelGuarding, preset: Preset, types: ReadonlySet<DetectorType>): GuardPolicy {
  const actions = stricter === undefined ? guarding[own ?? preset] : tightened(guarding[own ?? preset], stricter)
  const values = new Set([...types].filter((type) => !wholeTextsOnly.test(type)))
  const spared: readonly DetectorType[] = recognisers.filter((type) => actions[type].model === 'allow')
  return { actions, toolCalls: toolCalls[own ?? preset], types, values, answer: new Set([...values].filter((type) => !spared.includes(type))) }
}

function tightened(usual: Guarding, stricter: NonNullable<ModelGuarding['stricter']>): Guarding {
  const rows: Record<DetectorType, Readonly<Record<Surface, Action>>> = { ...usual }
  for (const { type, surface, action } of rowsOf(stricter)) rows[type] = { ...rows[type], [surface]: action }
  return rows
}
