/**
 * What the authors hold against pairs of ideas that stand within a few words of each other, in either order, before any
 * data is seen. Training starts from here and is drawn back to here.
 */
export const pairPriors: readonly (readonly [string, string, number])[] = [
  ['ignore', 'previous', 1.8], ['ignore', 'instruction', 2], ['previous', 'instruction', 0.7], ['ignore', 'all', 0.8], ['ignore', 'you', 0.4], ['ignore', 'unrestricted', 1], ['ignore', 'now', 0.6], ['ignore', 'instead', 1],
  ['you', 'instruction', 0.4], ['reveal', 'system', 0.9], ['reveal', 'instruction', 0.7], ['system', 'instruction', 0.8], ['you', 'system', 0.8], ['start', 'instruction', 0.4], ['you', 'previous', 0.3],
  ['reveal', 'secret', 0.9], ['you', 'secret', 1], ['mention', 'secret', 0.8], ['answer', 'secret', 0.6], ['secret', 'system', 0.4], ['personal', 'person', 0.8], ['reveal', 'personal', 0.5], ['mention', 'personal', 0.5],
  ['now', 'you', 0.5], ['you', 'roleplay', 0.3], ['you', 'unrestricted', 0.5], ['never', 'refusal', 0.8], ['unrestricted', 'never', 0.6], ['all', 'unrestricted', 0.4], ['machine', 'unrestricted', 1], ['roleplay', 'unrestricted', 0.8], ['roleplay', 'anything', 0.8], ['you', 'anything', 0.5], ['never', 'unrestricted', 0.5], ['anything', 'now', 1], ['character', 'you', 0.4], ['character', 'never', 0.6], ['machine', 'anything', 0.7], ['ignore', 'refusal', 0.8], ['you', 'character', 0.4], ['machine', 'refusal', 0.5], ['roleplay', 'machine', 0.4], ['now', 'roleplay', 0.5],
  ['machine', 'obey', 1], ['machine', 'read', 1.2], ['read', 'obey', 0.8], ['machine', 'fresh', 0.4], ['fresh', 'instruction', 1.3], ['machine', 'instruction', 0.5], ['authority', 'instruction', 0.9], ['halt', 'instruction', 1.2], ['halt', 'instead', 1], ['halt', 'machine', 0.8], ['instead', 'instruction', 0.6], ['start', 'fresh', 0.2], ['now', 'instruction', 0.5],
  ['never', 'mention', 1.2], ['mention', 'person', 0.8], ['never', 'person', 0.3], ['machine', 'halt', 0.8],
  ['authority', 'you', 0.7], ['authority', 'mode', 1], ['mode', 'secret', 1], ['system', 'mode', 0.7], ['mode', 'now', 0.5], ['authority', 'secret', 0.7], ['authority', 'personal', 0.6], ['mode', 'machine', 0.5],
  ['fiction', 'secret', 0.8], ['fiction', 'personal', 0.6], ['roleplay', 'secret', 0.9], ['roleplay', 'personal', 0.7], ['encode', 'secret', 1], ['encode', 'personal', 0.8], ['split', 'secret', 0.9], ['encode', 'split', 0.6], ['encode', 'answer', 0.3],
  ['send', 'personal', 0.3], ['send', 'secret', 0.6], ['harm', 'answer', 0.3], ['harm', 'you', 0.2], ['harm', 'never', 0.2], ['obey', 'you', 0.4], ['obey', 'all', 0.3],
]

/** The same for single ideas. */
export const ideaPriors: Readonly<Record<string, number>> = { character: 0.5, anything: 0.2, refusal: 0.2, ignore: 0.2, secret: 0.1 }

/** And for written forms that pose as someone else's words, by their number in `markers.ts`. */
export const markerPriors: Readonly<Record<number, number>> = { 1: 2, 2: 1.2, 3: 1.5, 4: 1.2, 5: 1.2, 6: 1.5, 7: 0.4, 8: 0.2, 20: 0.6, 21: 0.4, 22: 0.8, 23: 0.8, 60: 0.2 }
