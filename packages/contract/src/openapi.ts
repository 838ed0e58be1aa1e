import * as z from 'zod'
import { operationIds, operations, type Operation, type OperationId } from './operations.ts'
import { Problem } from './problems.ts'
import { HUMAN_CHECK_CHARACTERS, HUMAN_CHECK_HEADER, humanCheckedOperations } from './schemas/human-check.ts'
import { GatewayError } from './schemas/gateway.ts'
import { TokenError } from './schemas/tokens.ts'
import { turnEvents } from './events.ts'

type Json = Record<string, unknown>

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _ignored, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
const isNone = (schema: z.ZodType) => schema instanceof z.ZodUndefined

let description: Json | null = null

/** The OpenAPI 3.1 description, from the same schemas that check every call (ERR-3). It is made when it is first asked for; nobody changes it. */
export const toOpenApi = (): Json => (description ??= describeAll())

function describeAll(): Json {
  const paths: Record<string, Json> = {}
  for (const id of operationIds) {
    const operation: Operation = operations[id]
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(id, operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sallyport', version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: { Problem: toSchema(Problem, 'output'), GatewayError: toSchema(GatewayError, 'output'), TokenError: toSchema(TokenError, 'output'), ...Object.fromEntries(Object.entries(turnEvents).map(([name, schema]) => [`event-${name}`, toSchema(schema, 'output')])) },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
  }
}

function describe(id: OperationId, operation: Operation): Json {
  return {
    operationId: id,
    summary: operation.summary,
    parameters: [...parametersIn(operation.params, 'path'), ...parametersIn(operation.query, 'query'), ...humanCheckOf(id)],
    ...(!isNone(operation.body) && { requestBody: { required: true, content: { 'application/json': { schema: toSchema(operation.body, 'input') }, ...(operation.takesForm === true && { 'application/x-www-form-urlencoded': { schema: toSchema(operation.body, 'input') } }) } } }),
    responses: { ...successOf(operation), default: failureOf(operation) },
  }
}

const checked: ReadonlySet<OperationId> = new Set(humanCheckedOperations)
const humanCheckOf = (id: OperationId): readonly Json[] => (checked.has(id) ? [{
  name: HUMAN_CHECK_HEADER, in: 'header', required: false, schema: { type: 'string', maxLength: HUMAN_CHECK_CHARACTERS },
  description: 'The solution of the check that `human-check-needed` asked for',
}] : [])

function parametersIn(schema: z.ZodType, place: 'path' | 'query'): readonly Json[] {
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, inner]) => ({
    name: name === '*' ? 'path' : name, in: place, required: place === 'path' || !inner.safeParse(undefined).success, schema: toSchema(inner, 'input'),
  }))
}

function successOf({ media, reply }: Operation): Json {
  if (media === 'none') return { 204: { description: 'Done' } }
  if (media === 'navigation') return { 200: { description: 'A page that goes on by itself', content: { 'text/html': {} } }, 303: { description: 'Go on there' } }
  if (media === 'file') return { 200: { description: 'The file', content: { '*/*': {} } } }
  const events = { 'text/event-stream': { schema: { type: 'string' } } }
  return { 200: { description: 'Done', content: { ...(media !== 'events' && { 'application/json': { schema: toSchema(reply, 'output') } }), ...(media !== 'json' && events) } } }
}

const failureOf = ({ dialect }: Operation): Json => ({
  description: 'What went wrong, and what to do',
  content: dialect !== 'problem'
    ? { 'application/json': { schema: { $ref: `#/components/schemas/${dialect === 'openai' ? 'GatewayError' : 'TokenError'}` } } }
    : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})
