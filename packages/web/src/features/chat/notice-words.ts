import type { Notice } from '@sallyport/contract'

/** Singular and plural of what the guard can find. A type not listed is named by its own words. */
const things: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'access-token': ['access token', 'access tokens'],
  canary: ['part of the instructions', 'parts of the instructions'],
  credential: ['password or key', 'passwords or keys'],
  'date-of-birth': ['date of birth', 'dates of birth'],
  email: ['e-mail address', 'e-mail addresses'],
  'hidden-text': ['piece of hidden text', 'pieces of hidden text'],
  iban: ['bank account number', 'bank account numbers'],
  'injection-certain': ['attempt to change the instructions', 'attempts to change the instructions'],
  'injection-hint': ['hint at changed instructions', 'hints at changed instructions'],
  'injection-likely': ['likely attempt to change the instructions', 'likely attempts to change the instructions'],
  'ip-address': ['network address', 'network addresses'],
  'loose-secret': ['text that looks like a secret', 'texts that look like secrets'],
  'mac-address': ['device address', 'device addresses'],
  'national-id': ['national identity number', 'national identity numbers'],
  'payment-card': ['card number', 'card numbers'],
  'outside-tool-call': ['tool call after text from outside', 'tool calls after text from outside'],
  person: ['name of a person', 'names of people'],
  phone: ['phone number', 'phone numbers'],
  'postal-address': ['postal address', 'postal addresses'],
  'private-key': ['private key', 'private keys'],
  'provider-key': ['provider key', 'provider keys'],
  'url-password': ['password in an address', 'passwords in addresses'],
  'us-ssn': ['social security number', 'social security numbers'],
}
const deeds: Readonly<Record<string, readonly [one: string, many: string]>> = {
  allow: ['was noticed', 'were noticed'], warn: ['was noticed', 'were noticed'], mask: ['was hidden', 'were hidden'],
  pseudonymise: ['was replaced by a stand-in', 'were replaced by stand-ins'], drop: ['was left out', 'were left out'],
  challenge: ['needs your approval', 'need your approval'], block: ['was stopped', 'were stopped'],
}
const places: Readonly<Record<Notice['place'], string>> = {
  question: 'in your question', passage: 'in a document', answer: 'in the answer', tool: 'in a tool’s result',
}

/** What is done to a question is done before the model sees it; its writer still sees what they wrote. */
const toward: Readonly<Record<string, string>> = { mask: 'from the model', pseudonymise: 'for the model' }
const placeWords = (place: Notice['place'], action: string): string => (place === 'question' ? toward[action] : undefined) ?? places[place]

const sentences: Readonly<Record<string, string>> = {
  'budget-nearly-spent': 'A budget is nearly spent: see Your account',
  'answer-recalled': 'You are given a kept answer: exactly this was asked before',
  'model-replaced': 'Another model answered, because the one that was chosen did not',
  'budget-spent': 'The answer was ended here, because a budget is spent',
}

/** One notice in plain words, such as “1 e-mail address was hidden from the model”. */
export function noticeWords({ place, type, action, count }: Notice): string {
  const sentence = sentences[type]
  if (sentence !== undefined) return sentence
  const words = type.replaceAll('-', ' ')
  const [one, many] = things[type] ?? [words, `${words} (several)`]
  const [was, were] = deeds[action] ?? ['was changed', 'were changed']
  return `${count} ${count === 1 ? one : many} ${count === 1 ? was : were} ${placeWords(place, action)}`
}
