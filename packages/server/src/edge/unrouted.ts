import { operationIds, operations } from '@sallyport/contract'
import { ProblemError } from '../kernel/problem.ts'

const paths = operationIds.filter((id) => id !== 'getPage').map((id) => ({
  method: operations[id].method as string,
  form: new RegExp(`^${operations[id].path.replaceAll(/[.]/g, '\\.').replaceAll(/:\w+/g, '[^/]+').replace('*', '.+')}$`),
}))

/** What to say where no operation answers: the methods that the address does take (405), or that nothing is there (404). */
export function unrouted(url: string): ProblemError {
  const path = url.split('?', 1)[0] ?? url
  const methods = [...new Set(paths.filter(({ form }) => form.test(path)).map(({ method }) => method))]
  if (methods.length === 0) return new ProblemError('not-found', { detail: 'Check the address.' })
  return new ProblemError('method-not-allowed', { detail: `Use ${methods.join(' or ')}.`, members: { allow: methods.join(', ') } })
}
