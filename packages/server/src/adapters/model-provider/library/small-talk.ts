import { cut } from '../../../kernel/words/index.ts'

const INTRODUCTION = 'I am the built-in assistant. I answer from the handbook and from the documents that were added here, I say where each answer is from, and I say so when I do not know. '
  + 'I need no key and no network. For free conversation, choose another model.'
const EXAMPLE = 'Try for example: *How do I make an API key?*'

const talks: readonly { readonly pattern: RegExp; readonly reply: string }[] = [
  { pattern: /^(?:hello|hi|hey|hallo|moin|servus|bonjour|salut|hola|ciao|ola|hej|good (?:morning|afternoon|evening|day)|guten (?:tag|morgen|abend)|gruezi|привет|здравствуите)(?: (?:there|you|all|everyone|sallyport|assistant|zusammen))*$/u, reply: `Hello! ${INTRODUCTION} ${EXAMPLE}` },
  { pattern: /^(?:how are you|how are you doing|how do you do|wie geht es dir|wie gehts|ca va|comment ca va|como estas|que tal)(?: today)?$/u, reply: `I am a program, so I am neither well nor unwell; thank you for asking. ${INTRODUCTION}` },
  { pattern: /^(?:who|what) are you$|^(?:so )?what (?:can|could|do) you do(?: for me)?$|^what are you able to do$|^(?:can you )?help(?: me)?(?: please)?$|^what (?:can|may|should) i ask(?: you)?$|^wer bist du$|^was kannst du(?: tun)?$|^qui es tu$|^quien eres$/u, reply: `${INTRODUCTION} ${EXAMPLE}` },
  { pattern: /^(?:ok(?:ay)? )?(?:thanks?|thank you|thx|cheers|danke(?: schon)?|vielen dank|merci(?: beaucoup)?|(?:muchas )?gracias|grazie|obrigad[oa]|tack|bedankt|спасибо)(?: (?:you|a lot|so much|very much|again))*$/u, reply: 'You are welcome.' },
  { pattern: /^(?:good ?bye|bye(?: bye)?|see you(?: later| soon)?|good night|tschuss|auf wiedersehen|au revoir|adios|ciao ciao)$/u, reply: 'Goodbye.' },
]
const LONGEST = 80

/** The reply to a greeting, to thanks, or to a question about the assistant itself; null for anything else. */
export function smallTalk(text: string): string | null {
  if (text.length > LONGEST) return null
  const words = [...cut(text)].join(' ')
  return talks.find(({ pattern }) => pattern.test(words))?.reply ?? null
}
