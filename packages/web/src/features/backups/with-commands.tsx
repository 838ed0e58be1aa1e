/** Words of the server in which commands stand between back quotes. */
export const WithCommands = ({ text }: { readonly text: string }) =>
  <>{text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={part} className="break-words">{part}</code>))}</>
