import type { Mail } from '../../../ports/mailer.ts'

/** An address that is one address: no name beside it, no list, nothing that a header or an SMTP command could end at. */
const ADDRESS = /^[^\s@<>"(),:;\\[\]\u0000-\u0020\u007f-\u009f]{1,64}@[^\s@<>"(),:;\\[\]\u0000-\u0020\u007f-\u009f]{1,253}$/u
const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,200}$/

/** Says why a mail must not go out; null when it may. Whoever chose an address or a subject cannot add a header, a recipient or a command. */
export const mailRefusal = ({ to, subject }: Mail): Error | null =>
  !ADDRESS.test(to) ? new Error('The address is not one plain address.') : !ONE_LINE.test(subject) ? new Error('The subject is not one line.') : null
