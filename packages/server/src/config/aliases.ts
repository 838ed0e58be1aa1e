interface Named { readonly variable: string; /** For the reference: what it does here. */ readonly effect: string }

/** Sets what the setting at the path sets. */
export interface SettingAlias extends Named {
  readonly kind: 'setting'
  readonly path: readonly string[]
  /** What others write, as our setting takes it; null where the variable is there for something else. What fits nowhere is left as it is, for the schema to refuse. */
  readonly read?: (text: string) => string | null
}
/** A provider with that key, by reference: the key stays in the environment. */
export interface ProviderAlias extends Named { readonly kind: 'provider'; readonly name: string; readonly adapter: string }
/** The models that a provider offers, in place of all that it has. */
export interface ModelsAlias extends Named { readonly kind: 'models'; readonly name: string }
/** Programs' keys that were made elsewhere, read by `loadConfig` itself. */
export interface KeysAlias extends Named { readonly kind: 'keys' }
/** Debug mode: the log tells everything, and no production server starts with it (SEC-6). */
export interface DebugAlias extends Named { readonly kind: 'debug' }
/** What has no setting here. It is told of, and never swallowed. */
export interface IdleAlias extends Named {
  readonly kind: 'idle'
  /** Whether this value asks for anything at all; every value does when left out. */
  readonly asks?: (text: string) => boolean
  readonly why: string
  readonly mend: string
  /** Whether this value would open what must stay shut, so that a server that others can reach does not start. */
  readonly isGrave?: (text: string) => boolean
}
export type Alias = SettingAlias | ProviderAlias | ModelsAlias | KeysAlias | DebugAlias | IdleAlias

const OFF = /^(?:0|false|no|off|disabled|n|f)$/i
/** Whether a switch that others know is on. What is not plainly off is on: a slip must not open anything silently. */
export const isOn = (text: string): boolean => !OFF.test(text.trim())

const environments = new Map([['prod', 'production'], ['stage', 'staging'], ['dev', 'development']])
const readEnvironmentName = (text: string): string => environments.get(text.toLowerCase()) ?? text.toLowerCase()
/** Shells know `ENV` too, as a file to read at their start. */
const readShellsEnvironmentName = (text: string): string | null => (/[/~$]/.test(text) ? null : readEnvironmentName(text))
const levels = new Map([['warning', 'warn'], ['critical', 'error'], ['fatal', 'error'], ['trace', 'debug']])
const readLevel = (text: string): string => levels.get(text.toLowerCase()) ?? text.toLowerCase()

const NO_VOICE = { why: 'There is no voice yet.', mend: 'Take it out until there is.' } as const
const NO_QDRANT = { why: 'Passages are searched in the store itself; there is no vector database yet.', mend: 'Take it out until there is.' } as const

/**
 * The names that people already have in their environment (SEC-13), each with what it does here. A setting that is given by its own name, anywhere,
 * wins over its alias. Of two aliases of one setting, the upper one is read first.
 */
export const aliases: readonly Alias[] = [
  { variable: 'OPENAI_API_KEY', kind: 'provider', name: 'openai', adapter: 'openai', effect: 'The provider `openai` with this key.' },
  { variable: 'GEMINI_API_KEY', kind: 'provider', name: 'gemini', adapter: 'gemini', effect: 'The provider `gemini` with this key.' },
  { variable: 'OPENROUTER_API_KEY', kind: 'provider', name: 'openrouter', adapter: 'openrouter', effect: 'The provider `openrouter` with this key.' },
  { variable: 'OPENROUTER_MODEL', kind: 'models', name: 'openrouter', effect: 'The only models that `openrouter` offers here, separated by commas. The built-in assistant stays the default: nothing leaves this server unasked.' },
  { variable: 'ANTHROPIC_API_KEY', kind: 'provider', name: 'anthropic', adapter: 'anthropic', effect: 'The provider `anthropic` with this key.' },
  { variable: 'API_KEYS', kind: 'keys', effect: 'API keys that programs have already, separated by commas, each of 32 characters or more. Kept as digests.' },
  { variable: 'ALLOWED_ORIGINS', kind: 'idle', why: 'Pages of other origins may not read answers, and none can be listed yet.', mend: 'Take it out; put such a page and this server behind one origin.', isGrave: (text) => text.includes('*'), effect: 'None yet: no other origin can be listed. With `*` a server that others can reach does not start.' },
  { variable: 'QDRANT_URL', kind: 'idle', ...NO_QDRANT, effect: 'None yet: there is no vector database.' },
  { variable: 'QDRANT_API_KEY', kind: 'idle', ...NO_QDRANT, effect: 'None yet: there is no vector database. The key is not read.' },
  { variable: 'RATE_LIMIT_MESSAGES_PER_HOUR', kind: 'setting', path: ['limits', 'rates', 'turn-by-key'], effect: 'Questions that one API key may ask in an hour.' },
  { variable: 'RATE_LIMIT_VOICE_CONCURRENT', kind: 'idle', ...NO_VOICE, effect: 'None yet: there is no voice.' },
  { variable: 'MAX_SESSIONS_PER_API_KEY', kind: 'setting', path: ['limits', 'ephemeralByKey'], effect: 'Ephemeral conversations that one API key may have open; others call them sessions.' },
  { variable: 'MAX_TOTAL_SESSIONS', kind: 'setting', path: ['limits', 'ephemeralInAll'], effect: 'Ephemeral conversations that all may have open together.' },
  { variable: 'MAX_MESSAGE_LENGTH', kind: 'setting', path: ['limits', 'questionCharacters'], effect: 'Characters of a question.' },
  { variable: 'MAX_AUDIO_SIZE_MB', kind: 'idle', ...NO_VOICE, effect: 'None yet: there is no voice.' },
  { variable: 'MAX_HISTORY_MESSAGES', kind: 'setting', path: ['limits', 'historyMessages'], effect: 'Messages of a conversation that go to a model again.' },
  { variable: 'SESSION_TTL_MINUTES', kind: 'setting', path: ['retention', 'ephemeralMinutes'], effect: 'Minutes for which an ephemeral conversation stays that nobody uses. Browser sessions have `sessions.idleMinutes`.' },
  { variable: 'FORCE_HTTPS', kind: 'idle', asks: isOn, why: 'The server speaks plain HTTP behind a proxy, and does not redirect by itself yet.', mend: 'Let the proxy in front redirect to https://, and set http.publicUrl.', effect: 'None yet: the proxy in front redirects.' },
  { variable: 'ENABLE_JSON_LOGGING', kind: 'idle', asks: (text) => !isOn(text), why: 'The log is always of JSON lines: text that callers send could forge other ones.', mend: 'Take it out.', effect: 'None: the log is always of JSON lines. `false` is told of.' },
  { variable: 'LOG_LEVEL', kind: 'setting', path: ['log', 'level'], read: readLevel, effect: 'How much is logged, also in capitals; `WARNING` is `warn`, `CRITICAL` and `FATAL` are `error`.' },
  { variable: 'ENVIRONMENT', kind: 'setting', path: ['environment'], read: readEnvironmentName, effect: 'What the server is for; `prod`, `stage` and `dev` are known too.' },
  { variable: 'ENV', kind: 'setting', path: ['environment'], read: readShellsEnvironmentName, effect: 'The same. A value with `/`, `~` or `$` is a file that shells read, and is not taken.' },
  { variable: 'DEBUG', kind: 'debug', effect: 'Sets `log.level` to `debug`, unless it is plainly off. Where `environment` is `production` the start is refused.' },
  { variable: 'FLASK_HOST', kind: 'setting', path: ['http', 'host'], effect: 'The address to listen on.' },
  { variable: 'FLASK_PORT', kind: 'setting', path: ['http', 'port'], effect: 'The port.' },
  { variable: 'FLASK_DEBUG', kind: 'debug', effect: 'The same as `DEBUG`.' },
]
