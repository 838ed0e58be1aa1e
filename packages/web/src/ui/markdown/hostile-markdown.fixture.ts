import { hostileHtml, hostileLoads, hostileNames } from './hostile-html.fixture.ts'
import { hostileEndings, hostileLinks, hostilePictures, hostileStructures } from './hostile-links.fixture.ts'

/** What models were made to say to take over a page or to carry a conversation away, by what it tries. Each text is one or a few paragraphs. */
export const hostileFamilies: Readonly<Record<string, readonly string[]>> = {
  'markup that runs': hostileHtml, 'markup that loads': hostileLoads, 'names that are looked up': hostileNames,
  links: hostileLinks, pictures: hostilePictures, structures: hostileStructures,
}

/** All of them, the endings last. */
export const hostileMarkdown: readonly string[] = [...Object.values(hostileFamilies).flat(), ...hostileEndings]

/** The same as answers that a model could give: some dozens to each, and one that swallows what follows at the end of each. */
export const hostileAnswers: readonly string[] = hostileEndings.map((ending, number) =>
  [...Object.values(hostileFamilies).flat().filter((_, index) => index % hostileEndings.length === number), ending].join('\n\n'))
