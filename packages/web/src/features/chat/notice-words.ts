import type { Notice } from '@sallyport/contract'

/** Singular and plural of what the guard can find. A type not listed is named by its own words. */
const things: Readonly<Record<string, readonly [one: string, many: string]>> = {
  email: ['e-mail address', 'e-mail addresses'],
  'payment-card': ['card number', 'card numbers'],
  'provider-key': ['provider key', 'provider keys'],
  secret: ['secret', 'secrets'],
  canary: ['part of the instructions', 'parts of the instructions'],
  prompt: ['part of the instructions', 'parts of the instructions'],
}
const deeds: Readonly<Record<string, readonly [one: string, many: string]>> = {
  allow: ['was noticed', 'were noticed'], warn: ['was noticed', 'were noticed'], mask: ['was hidden', 'were hidden'],
  pseudonymise: ['was replaced by a stand-in', 'were replaced by stand-ins'], drop: ['was left out', 'were left out'],
  challenge: ['needs a second look', 'need a second look'], block: ['was stopped', 'were stopped'],
}
const places: Readonly<Record<Notice['place'], string>> = {
  question: 'in your question', passage: 'in a document', answer: 'in the answer', tool: 'in a tool’s result',
}

/** What is hidden in a question is hidden from whoever answers; its writer still sees it. */
const hiddenFrom = (place: Notice['place'], action: string): string => place === 'question' && action === 'mask' ? 'from the model' : places[place]

/** One notice in plain words, such as “1 e-mail address was hidden from the model”. */
export function noticeWords({ place, type, action, count }: Notice): string {
  const words = type.replaceAll('-', ' ')
  const [one, many] = things[type] ?? [words, `${words} (several)`]
  const [was, were] = deeds[action] ?? ['was changed', 'were changed']
  return `${count} ${count === 1 ? one : many} ${count === 1 ? was : were} ${hiddenFrom(place, action)}`
}
