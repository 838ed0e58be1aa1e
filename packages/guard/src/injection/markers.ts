/** Written forms by which texts pose as a system's or another speaker's words, lower case; each begins with punctuation. */
const forms: readonly (readonly string[])[] = [
  ['<|im_start|>', '<|im_end|>', '<|system|>', '<|user|>', '<|assistant|>', '<|endoftext|>', '<|eot_id|>', '<|start_header_id|>', '<start_of_turn>', '<end_of_turn>'],
  ['[inst]', '[/inst]', '<<sys>>', '<</sys>>', '<s>', '</s>'],
  ['[system]', '[admin]', '[assistant]', '[developer]', '[root]', '[override]', '[system', '[admin', '(system)', '{system}', '【system】', '【系统'],
  ['<system>', '</system>', '<system ', '<admin>', '<instructions>', '</instructions>', '<system_prompt', '<instruction>', '</prompt>', '<prompt>', '</context>', '</user>', '</data>', '</document>', '<assistant>', '</session>', '</user_input>', '</input>'],
  ['### system', '### instruction', '### new', '###system', '###instruction', '## system', '# system:', '### assistant', '### response', '### end', '### human', '### user'],
  ['<system mode', '<god mode', '<developer mode', '<admin mode', '<maintenance', '[developer mode', '[jailbr', '(🔓', '[🔓', '🔓'],
  ['---- end', '-- end', '--- end', '=== end', '**end', '<end', '[end', '-----end of', '-- new', '--- new', '=== new', '~~~'],
  ['<!--', '/*!', '<!---'],
  ['![](http', '](http://', '](javascript:', '<img src="http', "<img src='http", '<script', '<iframe', '<svg'],
]

const byFirst = new Map<number, { readonly form: string; readonly marker: number }[]>()
const first = new Uint8Array(65_536)
forms.forEach((group, index) => {
  for (const form of group) {
    const code = form.charCodeAt(0)
    first[code] = 1
    byFirst.set(code, [...(byFirst.get(code) ?? []), { form, marker: index + 1 }])
  }
})

/** A speaker's name at a line's start or after a full stop, with its colon: `system:`. */
const speakers: readonly string[] = ['system', 'assistant', 'developer', 'admin', 'instruction', 'instructions', 'directive', 'prompt', 'override', 'task', 'note', 'question', 'q', 'a', 'p', 'r', 'user', 'human', 'ai', 'bot']
const speakerMarker = 20
const repeatedMarker = 60

/** The marker that begins, or for a colon ends, at this place; 0 when none does. */
export function markerAt(text: string, index: number, code: number): number {
  if (code === 58) return speakerBefore(text, index)
  if (first[code] === 0) return 0
  for (const { form, marker } of byFirst.get(code) ?? []) if (text.startsWith(form, index)) return marker
  return text.charCodeAt(index - 1) === code && text.charCodeAt(index - 2) === code && text.charCodeAt(index - 9) === code ? repeatedMarker : 0
}

function speakerBefore(text: string, colon: number): number {
  let start = colon
  while (start > 0 && colon - start < 13 && text.charCodeAt(start - 1) >= 97 && text.charCodeAt(start - 1) <= 122) start -= 1
  const place = start === colon ? -1 : speakers.indexOf(text.slice(start, colon))
  return place < 0 ? 0 : speakerMarker + place
}
