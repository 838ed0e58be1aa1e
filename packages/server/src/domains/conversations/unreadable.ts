/** What stands where something was damaged in the store. Said to people, and never to a model. */
export const unreadableText = 'This message cannot be read: it was damaged in the store.'
export const unreadableTitle = 'A title that cannot be read'

/** Notes which parts of one thing do not open, and goes on with what stands in their place. */
export function createParts<Part extends string>() {
  const unreadable: Part[] = []
  return {
    unreadable: unreadable as readonly Part[],
    or<Instead extends string | null>(part: Part, text: string | null, instead: Instead): string | Instead {
      if (text === null) unreadable.push(part)
      return text ?? instead
    },
  }
}

/** As the wire has it: left out where everything opens. */
export const toldUnreadable = <Part extends string>(parts: readonly Part[]): { unreadable?: Part[] } => (parts.length === 0 ? {} : { unreadable: [...parts] })
