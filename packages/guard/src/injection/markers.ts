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

/** A number for each character that stands in a form; 0 for all others. */
const symbols = new Uint8Array(65_536)
const symbolCount = [...new Set(forms.flat().join('').split(''))].map((character, index) => (symbols[character.charCodeAt(0)] = index + 1)).length + 1

/** The forms as a tree of their characters, so that what only looks like one is left after a step or two. Step 0 is the root, and leads nowhere but down. */
const next = new Uint16Array(forms.flat().join(' ').length * symbolCount)
const markers: number[] = [0]
forms.forEach((group, index) => {
  for (const form of group) {
    let step = 0
    for (let at = 0; at < form.length; at += 1) {
      const place = step * symbolCount + (symbols[form.charCodeAt(at)] ?? 0)
      if (next[place] === 0) next[place] = markers.push(0) - 1
      step = next[place] ?? 0
    }
    if (markers[step] === 0) markers[step] = index + 1
  }
})

/** A speaker's name at a line's start or after a full stop, with its colon: `system:`. */
const speakers: readonly string[] = ['system', 'assistant', 'developer', 'admin', 'instruction', 'instructions', 'directive', 'prompt', 'override', 'task', 'note', 'question', 'q', 'a', 'p', 'r', 'user', 'human', 'ai', 'bot']
const speakerMarker = 20
const repeatedMarker = 60

/** The marker that begins, or for a colon ends, at this place; 0 when none does. Of several the one listed first. */
export function markerAt(text: string, index: number, code: number): number {
  if (code === 58) return speakerBefore(text, index)
  let step = next[symbols[code] ?? 0] ?? 0
  if (step === 0) return 0
  let found = 0
  for (let at = index + 1; step !== 0; at += 1) {
    const marker = markers[step] ?? 0
    if (marker > 0 && (found === 0 || marker < found)) found = marker
    const symbol = at < text.length ? (symbols[text.charCodeAt(at)] ?? 0) : 0
    step = symbol === 0 ? 0 : (next[step * symbolCount + symbol] ?? 0)
  }
  if (found > 0) return found
  return text.charCodeAt(index - 1) === code && text.charCodeAt(index - 2) === code && text.charCodeAt(index - 9) === code ? repeatedMarker : 0
}

function speakerBefore(text: string, colon: number): number {
  let start = colon
  while (start > 0 && colon - start < 13 && text.charCodeAt(start - 1) >= 97 && text.charCodeAt(start - 1) <= 122) start -= 1
  const place = start === colon ? -1 : speakers.indexOf(text.slice(start, colon))
  return place < 0 ? 0 : speakerMarker + place
}
