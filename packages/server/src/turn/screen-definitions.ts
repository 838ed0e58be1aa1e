import type { ModelOptions, ToolDefinition } from '../ports/model-provider.ts'

type Clean = (text: string) => string
interface Definitions { readonly tools: readonly ToolDefinition[]; readonly options: ModelOptions }

/** Cleans the texts that a program sends beside its messages: what its tools are for, the schema of an answer, the words that stop it. */
export function screenDefinitions({ tools, options }: Definitions, clean: Clean): Definitions {
  const { stop, responseFormat } = options
  return {
    tools: tools.map((tool) => ({
      ...tool,
      ...(tool.description !== undefined && { description: clean(tool.description) }),
      ...(tool.parameters !== undefined && { parameters: cleanObject(tool.parameters, clean) }),
    })),
    options: {
      ...options,
      ...(stop !== undefined && { stop: stop.map(clean) }),
      ...(responseFormat?.type === 'json-schema' && {
        responseFormat: {
          ...responseFormat,
          ...(responseFormat.description !== undefined && { description: clean(responseFormat.description) }),
          ...(responseFormat.schema !== undefined && { schema: cleanObject(responseFormat.schema, clean) }),
        },
      }),
    },
  }
}

/** The edge has bounded how deep it can be. */
const cleanObject = (object: Readonly<Record<string, unknown>>, clean: Clean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [clean(name), cleanValue(value, clean)]))

function cleanValue(value: unknown, clean: Clean): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean))
  return typeof value === 'object' && value !== null ? cleanObject({ ...value }, clean) : value
}
