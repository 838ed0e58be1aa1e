/** What Trusted Types make of an address. Where a browser has none, the address itself. */
interface ScriptPolicy { createScriptURL(address: string): string }
interface PolicyFactory { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy }

const isFactory = (value: unknown): value is PolicyFactory => typeof value === 'object' && value !== null && 'createPolicy' in value
const rules: ScriptPolicy = { createScriptURL: (address) => address }
let policy: ScriptPolicy | null = null

/**
 * An address of a script that this page may start: a worker of its own, or the script of a check that the server's administrator chose. The
 * one way past Trusted Types, by the one policy that the page's Content-Security-Policy knows, and it can be made once. Nothing that came
 * from a model, from a person or out of the address bar may go in.
 */
export function trustedScript(address: string): string {
  const factory: unknown = Reflect.get(globalThis, 'trustedTypes')
  policy ??= isFactory(factory) ? factory.createPolicy('sallyport-scripts', rules) : rules
  return policy.createScriptURL(address)
}
